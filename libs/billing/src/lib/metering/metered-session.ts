import {
  StratumInspector,
  isJob,
  isNotification,
  type Dialect,
  type InspectorOptions,
  type ReconnectEvent,
  type ResponseEvent,
  type Share,
  type StratumEvent,
  type StratumEventSink,
} from '@mining-proxy/stratum-parser';
import type { Direction, SessionEnd, SessionIdentity, SessionTap, SessionView } from '@mining-proxy/relay';
import { UNASSIGNED, type ClientDirectory } from '../identity/client-directory';
import { NO_WORK, shareWork } from '../journal/share-work';
import type { ClientMeter } from './client-meter';
import type { CountedDialect, SessionTotals } from './session-totals';
import { HashrateEstimate } from './hashrate-estimate';
import { SessionUsage, type FactSink, type ShareResult } from './session-usage';
import { ShareCounts } from './share-counts';
import type { WorkerNames } from './worker-names';

/** Streams that are relayed and whose bytes are billed, but in which nothing can be read. */
const OPAQUE: ReadonlySet<Dialect | null> = new Set<Dialect>(['http', 'tls', 'stratum2', 'opaque']);

/** Besides these, streams whose lines can be read while most shares are in frames that are not. */
const UNMEASURED: ReadonlySet<Dialect | null> = new Set([...OPAQUE, 'btcagent']);

/** Workers that a session without a client remembers, of those refused and of those not. */
const EARLY_WORKERS = 100;

/** What a session needs of those who keep its numbers. */
export interface SessionBooks {
  readonly directory: ClientDirectory;
  /** How chunks are looked at; null where they are not looked at at all. */
  readonly inspection: InspectorOptions | null;
  readonly totals: SessionTotals;
  /** Where usage is written down to be billed. */
  readonly facts: FactSink;
  /** What workers are called there. */
  readonly workerNames: WorkerNames;
  /** The session knows its client from now on. Gives what adds up that client's sessions. */
  identified(session: MeteredSession, identity: SessionIdentity): ClientMeter;
  closed(session: MeteredSession): void;
}

/**
 * Meters one session: asks the inspector what the chunks say, counts it, and finds out once who is billed.
 *
 * Its numbers are its own until it closes; whoever shows a client's numbers adds up its sessions.
 */
export class MeteredSession implements SessionTap, StratumEventSink {
  readonly counts = new ShareCounts();
  readonly hashrate = new HashrateEstimate();
  /** Who is billed; undefined until it is known, then the same for good. */
  clientId: string | undefined;
  /** What adds up its sessions, this one among them. */
  clientMeter: ClientMeter | undefined;

  /** What the session counts as in `stratum_sessions_total`; set once, when it is counted. */
  countedDialect: CountedDialect | undefined;

  private readonly inspector: StratumInspector;
  private readonly usage: SessionUsage;
  /** The first worker that logged in, or submitted where nobody did: bytes and time are its own. */
  private worker: string | null = null;
  /** Made at the first one: most sessions never have any. */
  private refused: Set<string> | undefined;
  /**
   * Workers that logged in or submitted before the client was known, for the check of foreign accounts. Gone
   * afterwards: an empty list keeps room for many.
   */
  private earlyUses: { readonly worker: string; readonly account: string }[] | undefined;

  constructor(
    /** Grows with every session: the order in which they are listed. */
    readonly serial: number,
    readonly view: SessionView,
    private readonly books: SessionBooks,
    private readonly tellIdentity: (identity: SessionIdentity) => void,
  ) {
    this.inspector = new StratumInspector(books.inspection ?? {}, this);
    this.usage = new SessionUsage(view, books.facts);
  }

  /** What the session speaks; null while nothing is known. */
  get dialect(): Dialect | null {
    return this.inspector.dialect;
  }

  /** Names that tried to log in, in order. */
  get workers(): readonly string[] {
    return this.inspector.workers;
  }

  /** The difficulty of the next job; null where it is not known. */
  get difficulty(): number | null {
    return this.inspector.nextDifficulty;
  }

  /** Whether the bytes of this session are relayed without anything to be seen in them. */
  get unmeasured(): boolean {
    return this.books.inspection === null || UNMEASURED.has(this.dialect);
  }

  /** Looks for a client by the source address. Called once, before the first chunk. */
  opened(): void {
    this.usage.opened();
    const clientId = this.books.directory.bySource(this.view.remoteAddress);
    if (clientId !== undefined) this.identify({ clientId });
  }

  chunk(direction: Direction, chunk: Uint8Array): void {
    if (this.books.inspection === null) return;
    try {
      this.inspector.chunk(direction, chunk);
    } catch (fault) {
      this.abandon();
      throw fault;
    }
  }

  /** Writes down what was moved since the last time. Called at a regular pace. */
  progressed(): void {
    this.usage.progressed(this.speech);
  }

  sharesInFlight(): number {
    return this.inspector.inFlight;
  }

  closed(end: SessionEnd): void {
    this.books.totals.undelivered(end);
    try {
      this.inspector.close();
      this.giveUpIdentity();
    } finally {
      this.usage.closed(this.speech, end);
      this.books.closed(this);
    }
  }

  /** Nobody was found in time: the session is `unassigned` for good. */
  giveUpIdentity(): void {
    this.identify({ clientId: UNASSIGNED });
  }

  push(event: StratumEvent): void {
    if (isNotification(event)) this.counts.notifications += 1;
    if (isJob(event)) this.counts.jobs += 1;
    if ('alsoAnswers' in event) this.took(event.latencyMs ?? 0);
    switch (event.kind) {
      case 'submit':
        this.submitted(event.share);
        break;
      case 'response':
        this.answered(event);
        break;
      case 'unanswered':
        this.counts.unanswered += 1;
        this.settled(event.share, { outcome: 'unanswered' });
        break;
      case 'authorize':
        this.used(event.worker, accountOf(event.login.text));
        break;
      case 'reconnect':
        this.sentElsewhere(event);
        break;
      case 'malformed':
        this.books.totals.unparsedLine(event.direction, event.reason);
        break;
      case 'oversize':
        this.books.totals.unparsedLine(event.direction, 'too_long');
        break;
      case 'dialect':
        if (OPAQUE.has(event.dialect)) this.giveUpIdentity();
        break;
      default:
      // The other events say nothing that is counted.
    }
  }

  private sentElsewhere({ host, port }: ReconnectEvent): void {
    const { id: sessionId, poolHost } = this.view;
    this.books.totals.reconnectRequested({ sessionId, clientId: this.clientId, poolHost, host, port });
  }

  private submitted(share: Share): void {
    this.counts.submits += 1;
    const { worker, login } = share;
    if (worker === null || login === null) return;
    const account = accountOf(login.text);
    const refused = this.refused?.has(worker) ?? false;
    if (!refused) this.worker ??= worker;
    if (this.clientId === undefined && !refused) this.identifyBy(worker, account);
    this.used(worker, account);
  }

  private answered(event: ResponseEvent): void {
    if (event.to === null) return;
    this.took(event.latencyMs);
    if (event.to === 'submit') {
      this.shareAnswered(event);
      return;
    }
    if (event.worker === null) return;
    if (event.outcome === 'ok') this.loggedIn(event.worker);
    else this.loginRefused(event.worker);
  }

  private shareAnswered(event: Extract<ResponseEvent, { to: 'submit' }>): void {
    switch (event.outcome) {
      case 'accepted':
        this.accepted(event.share, event.stale);
        break;
      case 'rejected':
        this.counts.reject(event.reason);
        this.settled(event.share, { outcome: 'rejected', reason: event.reason });
        break;
      case 'unknown':
        this.counts.unknown += 1;
        this.settled(event.share, { outcome: 'unknown' });
    }
  }

  private accepted(share: Share, stale: boolean): void {
    this.counts.accepted += 1;
    if (stale) this.counts.acceptedStale += 1;
    const work = this.settled(share, { outcome: stale ? 'accepted_stale' : 'accepted' });
    if (work.hashes === null || work.difficulty === null) {
      this.counts.acceptedWithoutDifficulty += 1;
      return;
    }
    this.counts.addWork(work.hashes, work.difficulty);
    this.hashrate.add(share.hashes ?? 0, this.view.durationMs);
  }

  /** Writes down the one outcome of a share. Returns its work in whole numbers. */
  private settled({ worker, hashes, difficulty }: Share, result: ShareResult) {
    const work = shareWork(hashes, difficulty);
    this.usage.share(this.billed(worker), this.dialect ?? 'none', result, work);
    return work;
  }

  private loggedIn(worker: string): void {
    this.refused?.delete(worker);
    this.worker ??= worker;
    if (this.clientId !== undefined) return;
    // As the login said it: dialects differ in where the account ends.
    const account = this.earlyUses?.find((use) => use.worker === worker)?.account;
    this.identifyBy(worker, account ?? accountOf(worker));
  }

  private loginRefused(worker: string): void {
    this.refused ??= new Set();
    if (this.refused.size < EARLY_WORKERS) this.refused.add(worker);
  }

  private identifyBy(worker: string, account: string): void {
    const sourceAddress = this.view.remoteAddress;
    this.identify({ clientId: this.books.directory.byLogin({ worker, account, sourceAddress }), worker });
  }

  private identify(identity: SessionIdentity): void {
    if (this.clientId !== undefined) return;
    this.clientId = identity.clientId;
    this.usage.identified({ ...identity, worker: this.billed(this.worker) }, this.dialect ?? 'none');
    this.clientMeter = this.books.identified(this, identity);
    const early = this.earlyUses ?? [];
    this.earlyUses = undefined;
    for (const { account } of early) this.checkAccount(account);
    this.tellIdentity(identity);
  }

  private used(worker: string, account: string): void {
    if (this.clientId !== undefined) {
      this.checkAccount(account);
      return;
    }
    this.earlyUses ??= [];
    if (this.earlyUses.length < EARLY_WORKERS) this.earlyUses.push({ worker, account });
  }

  private checkAccount(account: string): void {
    const { directory, totals } = this.books;
    if (this.clientId !== undefined && directory.isForeign(this.clientId, account)) {
      totals.foreignAccount(this.clientId);
      this.usage.foreignAccount();
    }
  }

  private get speech() {
    return { worker: this.billed(this.worker), dialect: this.dialect ?? 'none' };
  }

  /** The name that the worker stands under in every record; before the client is known the names are nobody's. */
  private billed(worker: string | null): string | null {
    return worker === null ? null : this.books.workerNames.billed(this.clientId ?? UNASSIGNED, worker);
  }

  private took(latencyMs: number): void {
    this.books.totals.answered(this.view.poolHost, latencyMs / 1000);
  }

  /** The inspection has failed and will not see an answer any more: what is open is unanswered, from now on. */
  private abandon(): void {
    const { counts } = this;
    this.inspector.close();
    // A share that was being settled when the fault struck is in nobody's list any more.
    for (; counts.settled < counts.submits; counts.unanswered += 1) {
      this.usage.share(null, this.dialect ?? 'none', { outcome: 'unanswered' }, NO_WORK);
    }
  }
}

function accountOf(worker: string): string {
  const dot = worker.indexOf('.');
  return dot === -1 ? worker : worker.slice(0, dot);
}
