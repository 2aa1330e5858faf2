import type { SessionView } from '@mining-proxy/relay';
import type { Dialect } from '@mining-proxy/stratum-parser';
import type { FactSink } from '../metering/session-usage';
import type { WorkerNames } from '../metering/worker-names';
import { AuditRows, AuditTally, type AuditRow } from './audit-counts';
import { Auditor, type AuditAlgorithm } from './auditor';
import { UNASSIGNED } from '../identity/client-directory';
import { cleanText } from '../journal/records/clean-text';
import { HeardLine } from './heard-line';
import { PayoutWatch, SessionPayouts } from './payouts';
import { SessionAudit, type AuditedShare } from './session-audit';
import type { FoundBlock } from './auditor';
import type { AuditedOutcome } from './verdict';

/** A share that meets the network's target: a block, if the network takes it. */
export interface BlockCandidate extends FoundBlock {
  readonly clientId: string | undefined;
  readonly worker: string | null;
  readonly poolHost: string;
  readonly sessionId: string;
  /** What the pool said of the share. */
  readonly outcome: AuditedOutcome;
}

/** What the audit needs to know. */
export interface AuditOptions {
  /** 0 audits nothing. */
  readonly submitsPerSecond: number;
  /** What a session's shares are hashed with; null where they cannot be audited. */
  readonly algorithmOf: (view: SessionView) => AuditAlgorithm | null;
  /** Addresses one of which the jobs of a client have to pay; of those clients that have any. */
  readonly payoutAddresses: ReadonlyMap<string, readonly string[]>;
}

/** Where verdicts are written down, and by which names. */
export interface AuditKeeping {
  readonly facts: FactSink;
  readonly workerNames: WorkerNames;
  /** The label that the client's numbers stand under in metrics. */
  labelOf(clientId: string): string;
  /** Has every session tell of the shares that it has not told of yet. */
  book(): void;
}

/** Where the last share of a session was counted. */
interface LastCounted {
  clientId: string | undefined;
  tally: AuditTally | undefined;
  row: AuditRow | undefined;
}

const WRITE_EVERY_MS = 30_000;
/**
 * Candidates that are told of and listed, a minute: no chain has as many, but a test chain's every share is one. The others are
 * counted.
 */
const MOST_BLOCKS = 60;
const BLOCKS_WITHIN_MS = 60_000;

/** The audit of all sessions: one budget, the verdicts of each client, and where they are written down. */
export class AuditBooks {
  /** Hears of each, in a turn of its own: it must not throw. */
  onBlock: (block: BlockCandidate) => void = () => undefined;
  readonly auditor: Auditor;
  readonly payouts: PayoutWatch;
  /** To be shown each line of the sessions that are audited. */
  readonly line = new HeardLine();
  private readonly blocksAt: number[] = [];
  private readonly rows: AuditRows;
  private readonly tallies = new Map<string, AuditTally>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private options: AuditOptions,
    private readonly books: AuditKeeping,
  ) {
    this.auditor = new Auditor(options.submitsPerSecond);
    this.rows = new AuditRows(books.facts);
    this.payouts = new PayoutWatch((clientId) => books.labelOf(clientId));
    this.payouts.configure(options.payoutAddresses);
  }

  start(): void {
    this.timer = setInterval(() => this.write(), WRITE_EVERY_MS);
  }

  /** What is still being checked is lost. */
  stop(): void {
    clearInterval(this.timer);
    this.write();
  }

  /** For sessions that come from now on; the budget holds for all at once. */
  reconfigure(options: AuditOptions): void {
    this.options = options;
    this.auditor.setBudget(options.submitsPerSecond);
    this.payouts.configure(options.payoutAddresses);
  }

  /** The audit of a new session; undefined where it has none. */
  sessionAudit(view: SessionView, session: { readonly dialect: Dialect | null }): SessionAudit | undefined {
    const isWanted = this.auditor.isOn || this.payouts.isOn;
    const algorithm = isWanted ? this.options.algorithmOf(view) : null;
    if (algorithm === null) return undefined;
    // Nearly all shares of a session are one worker's.
    const last: LastCounted = { clientId: undefined, tally: undefined, row: undefined };
    const payouts = new SessionPayouts(this.payouts, view.id, view.poolHost, algorithm);
    const tell = (share: AuditedShare) => this.audited(share, view, last);
    return new SessionAudit(algorithm, this.auditor, this.line, session, tell, payouts);
  }

  /** Shows a client's numbers from the start: from a series that begins with its first event, no growth can be read. */
  expect(clientId: string, poolHost: string): void {
    if (this.auditor.isOn) this.tally(clientId, poolHost);
    this.payouts.expect(clientId, poolHost);
  }

  /** Of all clients, as metrics name them. */
  get all(): Iterable<AuditTally> {
    this.books.book();
    return this.tallies.values();
  }

  private write(): void {
    this.books.book();
    this.rows.write();
  }

  private audited(share: AuditedShare, { id: sessionId, poolHost }: SessionView, last: LastCounted): void {
    const { clientId, outcome, finding } = share;
    const client = clientId ?? UNASSIGNED;
    const worker = share.worker === null ? null : this.books.workerNames.billed(client, share.worker);
    if (last.tally === undefined || last.clientId !== client) {
      last.tally = this.tally(this.books.labelOf(client), poolHost);
      last.clientId = client;
    }
    last.tally.add(share);
    const named = worker === share.worker ? share : { ...share, worker };
    last.row = this.rows.add(named, poolHost, last.row);
    if (finding.block && this.isFew())
      this.block({ ...finding.block, clientId, worker, poolHost, sessionId, outcome });
  }

  private block(block: BlockCandidate): void {
    const {
      clientId = UNASSIGNED,
      worker,
      poolHost: pool,
      sessionId: session,
      hash,
      height,
      outcome,
    } = block;
    const job = cleanText(block.job);
    this.books.facts.append({
      ...{ kind: 'block', session, client_id: clientId, worker, pool, job, hash, height, outcome },
    });
    this.onBlock(block);
  }

  /** Whether one more candidate is within what is told of. */
  private isFew(): boolean {
    const { blocksAt } = this;
    const now = performance.now();
    while (blocksAt[0] !== undefined && blocksAt[0] <= now - BLOCKS_WITHIN_MS) blocksAt.shift();
    return blocksAt.length < MOST_BLOCKS && blocksAt.push(now) > 0;
  }

  private tally(clientId: string, poolHost: string): AuditTally {
    const key = `${poolHost} ${clientId}`;
    let tally = this.tallies.get(key);
    if (!tally) this.tallies.set(key, (tally = new AuditTally(clientId, poolHost)));
    return tally;
  }
}
