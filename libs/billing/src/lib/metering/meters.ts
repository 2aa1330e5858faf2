import type { InspectorOptions } from '@mining-proxy/stratum-parser';
import type { SessionIdentity, SessionTapFactory, SessionView } from '@mining-proxy/relay';
import { AuditBooks, type AuditOptions } from '../audit/audit-books';
import type { AuditTally } from '../audit/audit-counts';
import { OVERFLOW, UNASSIGNED, type ClientDirectory } from '../identity/client-directory';
import { ClientMeter, type ClientNumbers } from './client-meter';
import { MeteredSession, type SessionBooks } from './metered-session';
import { SessionTotals, increase, type CountedDialect } from './session-totals';
import type { FactSink } from './session-usage';
import { UsageRounds } from './usage-rounds';
import { WorkerNames } from './worker-names';
import { WorkerTable, type WorkerTableOptions } from '../workers/worker-table';

/** After this a session without a client is `unassigned` for good, and its dialect is counted. */
const SETTLE_AFTER_MS = 60_000;
const SETTLE_EVERY_MS = 1_000;
/** Workers that have been gone for too long are looked for this often. */
const SWEEP_EVERY_MS = 60_000;

/** What meters need to know of clients and pools, and where they write. */
export interface MetersOptions {
  readonly directory: ClientDirectory;
  /** `host:port` of every pool, so that configured clients have their series from the start. */
  readonly poolHosts: readonly string[];
  /** Clients beyond the configured ones that get a label of their own. */
  readonly maxClients: number;
  /** How the chunks of a session are looked at; null counts bytes and time only. */
  readonly inspectionOf: (view: SessionView) => InspectorOptions | null;
  /** Where usage is written down to be billed. */
  readonly facts: FactSink;
  /** When workers count as silent, and when they are forgotten. */
  readonly workers: WorkerTableOptions;
  /** Which shares are checked for what they claim. */
  readonly audit: AuditOptions;
  /** How often each open session says what it has moved. */
  readonly usageIntervalMs: number;
}

/** Which of the open sessions to list. */
export interface SessionQuery {
  readonly after: number;
  readonly limit: number;
  readonly clientId: string | undefined;
}

/** All numbers of one moment. */
export interface MeterReading {
  readonly clients: readonly ClientNumbers[];
  /** `submits` less outcomes less shares in flight, summed over all sessions; anything but 0 is a fault here. */
  readonly equationDifference: number;
  /** Of sessions that count for `stratum_sessions_total`, by what they count as. */
  readonly unmeasuredBytes: ReadonlyMap<CountedDialect, number>;
  /** What the audit found, by client and pool. */
  readonly audits: readonly AuditTally[];
}

/**
 * The tap of every session, and the numbers of every client: the one source for metrics, status and bills.
 */
export class Meters implements SessionTapFactory, SessionBooks {
  readonly totals: SessionTotals;
  readonly facts: FactSink;
  readonly workerNames = new WorkerNames();
  readonly workers: WorkerTable;
  readonly audit: AuditBooks;

  /** By pool, and there by client. */
  private readonly meters = new Map<string, Map<string, ClientMeter>>();
  private readonly labels = new Set<string>();
  private readonly sessions = new Set<MeteredSession>();
  /** Sessions whose client or dialect is not settled yet, the oldest first. */
  private readonly unsettled = new Set<MeteredSession>();
  private readonly rounds: UsageRounds;
  private lastSerial = 0;
  private timer: NodeJS.Timeout | undefined;
  private sweepTimer: NodeJS.Timeout | undefined;

  constructor(private options: MetersOptions) {
    this.facts = options.facts;
    this.rounds = new UsageRounds(this.sessions, options.usageIntervalMs);
    this.workers = new WorkerTable(options.workers, () => this.book());
    this.totals = new SessionTotals(options.poolHosts, this.directory.configuredIds);
    this.audit = new AuditBooks(options.audit, this);
    this.showZeros();
  }

  get directory(): ClientDirectory {
    return this.options.directory;
  }

  get inspectionOf(): MetersOptions['inspectionOf'] {
    return this.options.inspectionOf;
  }

  /** Other clients and pools from now on. A session that knows its client keeps it. */
  reconfigure(options: Omit<MetersOptions, 'facts' | 'usageIntervalMs'>): void {
    this.options = { ...this.options, ...options };
    this.workers.reconfigure(options.workers);
    this.audit.reconfigure(options.audit);
    this.totals.expect(options.poolHosts, this.directory.configuredIds);
    this.showZeros();
  }

  /** Begins to settle sessions that nobody logs in to, and to write down what the open ones move. */
  start(): void {
    this.rounds.start();
    this.audit.start();
    this.timer = setInterval(() => this.settleOld(), SETTLE_EVERY_MS);
    this.sweepTimer = setInterval(() => this.workers.sweep(), SWEEP_EVERY_MS);
  }

  stop(): void {
    this.rounds.stop();
    this.audit.stop();
    clearInterval(this.timer);
    clearInterval(this.sweepTimer);
  }

  open(view: SessionView, tellIdentity: (identity: SessionIdentity) => void): MeteredSession {
    this.lastSerial += 1;
    const session = new MeteredSession(this.lastSerial, view, this, tellIdentity);
    // Where the session shows until it knows its client.
    this.meter(UNASSIGNED, view.poolHost);
    this.sessions.add(session);
    this.unsettled.add(session);
    session.opened();
    return session;
  }

  turnEnded(): void {
    this.facts.flush();
  }

  /** Shares of a session that are alike are counted together, until somebody looks. */
  book(): void {
    for (const session of this.sessions) session.book();
  }

  identified(session: MeteredSession, { clientId }: SessionIdentity): ClientMeter {
    const meter = this.meter(clientId, session.view.poolHost);
    meter.add(session);
    return meter;
  }

  /** What adds up the client's shares that come on sessions of others. */
  meterOf(clientId: string, poolHost: string): ClientMeter {
    return this.meter(clientId, poolHost);
  }

  closed(session: MeteredSession): void {
    this.settle(session);
    this.sessions.delete(session);
    session.clientMeter?.settle(session);
    addUnmeasured(session, this.totals.unmeasuredBytes);
  }

  /** Open sessions in the order of their accept, those after the serial number `after`, at most `limit`. */
  list({ after, limit, clientId }: SessionQuery): readonly MeteredSession[] {
    const page: MeteredSession[] = [];
    for (const session of this.sessions) {
      if (page.length === limit) break;
      if (session.serial <= after) continue;
      if (clientId === undefined || (session.clientId ?? UNASSIGNED) === clientId) page.push(session);
    }
    return page;
  }

  /** The label that the client's numbers stand under in metrics: its own, or `overflow`. */
  labelOf(clientId: string): string {
    if (clientId === OVERFLOW || this.labels.has(clientId)) return clientId;
    // The configured clients and `unassigned` do not count against the cap.
    const reserved = this.directory.configuredIds.length + 1;
    if (this.labels.size >= this.options.maxClients + reserved) return OVERFLOW;
    this.labels.add(clientId);
    return clientId;
  }

  /** Reads every meter. Costs a visit to each open session. */
  read(): MeterReading {
    const unidentified = new Map<ClientMeter, number>();
    const unmeasuredBytes = new Map(this.totals.unmeasuredBytes);
    let equationDifference = 0;
    for (const session of this.sessions) {
      if (session.clientId === undefined) {
        increase(unidentified, this.meter(UNASSIGNED, session.view.poolHost), 1);
      }
      addUnmeasured(session, unmeasuredBytes);
      const { submits, settled } = session.counts;
      equationDifference += Math.abs(submits - settled - session.sharesInFlight());
    }
    const clients = [...this.meters.values()].flatMap((ofPool) =>
      Array.from(ofPool.values(), (meter) => meter.numbers(unidentified.get(meter) ?? 0)),
    );
    for (const { counts, sharesInFlight } of clients) {
      equationDifference += Math.abs(counts.submits - counts.settled - sharesInFlight);
    }
    return {
      clients,
      equationDifference,
      unmeasuredBytes,
      audits: Array.from(this.audit.all, (tally) => tally.copy()),
    };
  }

  /** From a series that begins with its first event, no growth can be read. */
  private showZeros(): void {
    for (const clientId of [...this.directory.configuredIds, UNASSIGNED]) {
      this.labels.add(clientId);
      for (const poolHost of this.options.poolHosts) {
        this.meter(clientId, poolHost);
        this.audit.expect(clientId, poolHost);
      }
    }
  }

  private meter(clientId: string, poolHost: string): ClientMeter {
    const label = this.labelOf(clientId);
    let ofPool = this.meters.get(poolHost);
    if (!ofPool) this.meters.set(poolHost, (ofPool = new Map<string, ClientMeter>()));
    let meter = ofPool.get(label);
    if (!meter) ofPool.set(label, (meter = new ClientMeter(label, poolHost)));
    return meter;
  }

  private settleOld(): void {
    for (const session of this.unsettled) {
      // The oldest come first: behind one that is young enough all are.
      if (session.view.durationMs < SETTLE_AFTER_MS) return;
      this.settle(session);
    }
  }

  private settle(session: MeteredSession): void {
    if (!this.unsettled.delete(session)) return;
    session.giveUpIdentity();
    session.countedDialect = session.dialect ?? 'none';
    increase(this.totals.sessionsByDialect, session.countedDialect, 1);
  }
}

/** Not before the session counts as something: its bytes would change from one counter to another. */
function addUnmeasured(
  { unmeasured, countedDialect, view }: MeteredSession,
  to: Map<CountedDialect, number>,
): void {
  if (!unmeasured || countedDialect === undefined) return;
  increase(to, countedDialect, view.bytesToUpstream + view.bytesToDownstream);
}
