import type { Dialect, Direction, MalformedReason } from '@mining-proxy/stratum-parser';
import type { SessionEnd } from '@mining-proxy/relay';
import { LatencyHistogram, RESPONSE_BOUNDS } from './latency-histogram';

/** `none`: the session said nothing that could be recognised. */
export type CountedDialect = Dialect | 'none';

/** A malformed line's reason, or that it was longer than `max_line_bytes`. */
export type UnparsedReason = MalformedReason | 'too_long';

/** One counter of a family with labels. */
export interface Count<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}

/** A pool told a miner to connect elsewhere. */
export interface ReconnectRequest {
  readonly sessionId: string;
  /** undefined while nobody is known to be billed for the session. */
  readonly clientId: string | undefined;
  readonly poolHost: string;
  /** The pool's own words, untrusted; null means the host that the miner is connected to. */
  readonly host: string | null;
  /** null means the same port. */
  readonly port: number | null;
}

/** Methods that are told apart among the requests that nobody knows; miners choose them. */
const MAX_UNKNOWN_METHODS = 50;
const OTHER_METHOD = 'other';
const PLAIN_METHOD = /^[\w.:-]{1,64}$/;

/** What is counted over all sessions and belongs to no client. */
export class SessionTotals {
  /** Hears of each request as it comes, from within the session's tap: it must not throw. */
  onReconnectRequest: (request: ReconnectRequest) => void = () => undefined;
  readonly undeliveredBytes: Record<Direction, number> = { to_upstream: 0, to_downstream: 0 };
  readonly sessionsByDialect = new Map<CountedDialect, number>();
  /** Bytes of closed sessions in which no share can be seen. */
  readonly unmeasuredBytes = new Map<CountedDialect, number>();
  readonly foreignAccounts = new Map<string, number>();
  /** Requests of miners that no dialect knows, by method: at most 50 of them, then `other`. */
  readonly unknownRequests = new Map([[OTHER_METHOD, 0]]);
  readonly reconnectRequests = new Map<string, number>();
  /** Time from request to answer, all requests, by pool. */
  readonly responseSeconds = new Map<string, LatencyHistogram>();
  private readonly unparsed = new Map<Direction, Map<UnparsedReason, number>>();

  /** Counts of what is known beforehand exist at 0: from a series that begins at 1, no growth can be read. */
  constructor(poolHosts: readonly string[], clientIds: readonly string[]) {
    this.expect(poolHosts, clientIds);
  }

  /** These may come from now on, too. */
  expect(poolHosts: readonly string[], clientIds: readonly string[]): void {
    for (const poolHost of poolHosts) {
      increase(this.reconnectRequests, poolHost, 0);
      if (this.responseSeconds.has(poolHost)) continue;
      this.responseSeconds.set(poolHost, new LatencyHistogram(RESPONSE_BOUNDS));
    }
    for (const clientId of clientIds) increase(this.foreignAccounts, clientId, 0);
  }

  /** Where the pool's answers are to be observed. */
  responsesOf(poolHost: string): LatencyHistogram {
    let histogram = this.responseSeconds.get(poolHost);
    if (!histogram) this.responseSeconds.set(poolHost, (histogram = new LatencyHistogram(RESPONSE_BOUNDS)));
    return histogram;
  }

  unparsedLine(direction: Direction, reason: UnparsedReason): void {
    let reasons = this.unparsed.get(direction);
    if (!reasons) this.unparsed.set(direction, (reasons = new Map<UnparsedReason, number>()));
    increase(reasons, reason, 1);
  }

  reconnectRequested(request: ReconnectRequest): void {
    increase(this.reconnectRequests, request.poolHost, 1);
    this.onReconnectRequest(request);
  }

  unknownRequest(method: string): void {
    const { unknownRequests } = this;
    // `other` is there from the start and is none of them.
    const hasRoom = unknownRequests.size <= MAX_UNKNOWN_METHODS;
    const isTold = unknownRequests.has(method) || (hasRoom && PLAIN_METHOD.test(method));
    increase(unknownRequests, isTold ? method : OTHER_METHOD, 1);
  }

  foreignAccount(clientId: string): void {
    increase(this.foreignAccounts, clientId, 1);
  }

  undelivered(end: SessionEnd): void {
    this.undeliveredBytes.to_upstream += end.undeliveredToUpstream;
    this.undeliveredBytes.to_downstream += end.undeliveredToDownstream;
  }

  get unparsedLines(): Count<'direction' | 'reason'>[] {
    return [...this.unparsed].flatMap(([direction, reasons]) =>
      [...reasons].map(([reason, value]) => ({ labels: { direction, reason }, value })),
    );
  }
}

/** Adds to the number of a key, which begins at 0. */
export function increase<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
