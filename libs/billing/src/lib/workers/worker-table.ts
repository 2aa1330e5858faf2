import { WorkerRecord, WORKER_STATES, type WorkerState } from './worker-record';
import type { HourOfWork } from './work-windows';

/** Workers that are kept, about two kilobytes each. Beyond it, whoever has gone the longest time ago is forgotten. */
const MOST_WORKERS = 100_000;
/** Workers without a place of their own: the relay and the ledger do not mind. */
const LOOKED_AT = 64;
const SUMS_HOLD_MS = 1_000;

/** When a worker counts as silent, and when it is forgotten. */
export interface WorkerTableOptions {
  readonly silentAfterMs: number;
  readonly forgetAfterMs: number;
}

export const WORKER_SORTS = ['trouble', 'hashrate', 'name', 'last_share'] as const;
/** `trouble`: those first that somebody has to look at. */
export type WorkerSort = (typeof WORKER_SORTS)[number];

export interface WorkerQuery {
  readonly clientId?: string | undefined;
  readonly state?: WorkerState | undefined;
  /** Part of the worker's or the client's name, without regard to capitals. */
  readonly text?: string | undefined;
  readonly sort: WorkerSort;
  /** How many to leave out. */
  readonly offset: number;
  readonly limit: number;
}

export type StateCounts = Readonly<Record<WorkerState, number>>;

export interface WorkerPage {
  readonly workers: readonly { readonly record: WorkerRecord; readonly state: WorkerState }[];
  /** Of all that the question is about, whatever their state. */
  readonly counts: StateCounts;
  readonly total: number;
}

/** A worker as the ledger remembers it. */
export interface RememberedWorker {
  readonly clientId: string;
  readonly worker: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly hours: readonly HourOfWork[];
}

/** What was added up over all workers, and when. */
interface Sums<T> {
  readonly at: number;
  readonly byClient: ReadonlyMap<string, T>;
}

/** All workers that were seen lately, by client and name. */
export class WorkerTable {
  private readonly records = new Map<string, WorkerRecord>();
  private counted: Sums<StateCounts> | undefined;
  private rated: Sums<number> | undefined;

  constructor(
    private options: WorkerTableOptions,
    /** Has every session tell of the shares that it has not told of yet: before anybody looks. */
    private readonly book: () => void = () => undefined,
    private readonly now: () => number = Date.now,
    private readonly most = MOST_WORKERS,
  ) {}

  get size(): number {
    return this.records.size;
  }

  reconfigure(options: WorkerTableOptions): void {
    this.options = options;
  }

  /** The record of the worker; made where there is none, undefined where there is no room for it. */
  record(clientId: string, worker: string): WorkerRecord | undefined {
    const key = `${clientId}\0${worker}`;
    const found = this.records.get(key);
    if (found) return found;
    if (this.records.size >= this.most && !this.makeRoom()) return undefined;
    const record = new WorkerRecord(clientId, worker, this.now());
    this.records.set(key, record);
    return record;
  }

  restore(workers: readonly RememberedWorker[]): void {
    // What the ledger knows has these shares in it.
    this.book();
    for (const remembered of workers) {
      this.record(remembered.clientId, remembered.worker)?.restore(remembered, this.now());
    }
  }

  /** Forgets whoever has been gone for too long. Called now and then. */
  sweep(): void {
    const before = this.now() - this.options.forgetAfterMs;
    for (const [key, { sessions, lastSeenAt }] of this.records) {
      if (sessions === 0 && lastSeenAt < before) this.records.delete(key);
    }
  }

  page({ clientId, state, text, sort, offset, limit }: WorkerQuery): WorkerPage {
    this.book();
    const now = this.now();
    const wanted = text?.toLowerCase() ?? '';
    const counts = zeroCounts();
    const found: { record: WorkerRecord; state: WorkerState }[] = [];
    for (const record of this.records.values()) {
      if (clientId !== undefined && record.clientId !== clientId) continue;
      if (wanted !== '' && !`${record.clientId} ${record.worker}`.toLowerCase().includes(wanted)) continue;
      const is = record.stateAt(now, this.options.silentAfterMs);
      counts[is] += 1;
      if (state === undefined || is === state) found.push({ record, state: is });
    }
    found.sort(ORDERS[sort](now));
    return { workers: found.slice(offset, offset + limit), counts, total: found.length };
  }

  /** How many of each client are in which state; as of a second ago at most. */
  countsByClient(): ReadonlyMap<string, StateCounts> {
    const now = this.now();
    if (this.counted && Math.abs(now - this.counted.at) < SUMS_HOLD_MS) return this.counted.byClient;
    this.book();
    const byClient = new Map<string, Record<WorkerState, number>>();
    for (const record of this.records.values()) {
      let counts = byClient.get(record.clientId);
      if (!counts) byClient.set(record.clientId, (counts = zeroCounts()));
      counts[record.stateAt(now, this.options.silentAfterMs)] += 1;
    }
    this.counted = { at: now, byClient };
    return byClient;
  }

  /** Hashes per second over the last ten minutes, of all workers of each client; as of a second ago at most. */
  hashrateByClient(): ReadonlyMap<string, number> {
    const now = this.now();
    if (this.rated && Math.abs(now - this.rated.at) < SUMS_HOLD_MS) return this.rated.byClient;
    this.book();
    const byClient = new Map<string, number>();
    for (const record of this.records.values()) {
      if (record.lastShareAt === null || now - record.lastShareAt > 660_000) continue;
      const { perSecond } = record.rateOverMinutes(10, now);
      byClient.set(record.clientId, (byClient.get(record.clientId) ?? 0) + perSecond);
    }
    this.rated = { at: now, byClient };
    return byClient;
  }

  /** Of the oldest that are not connected the first goes. */
  private makeRoom(): boolean {
    let looked = 0;
    for (const [key, record] of this.records) {
      this.records.delete(key);
      if (record.sessions === 0) return true;
      // Behind all others: the next one to look does not meet it again.
      this.records.set(key, record);
      looked += 1;
      if (looked === LOOKED_AT) return false;
    }
    return false;
  }
}

interface Ordered {
  readonly record: WorkerRecord;
  readonly state: WorkerState;
}

const TROUBLE: Readonly<Record<WorkerState, number>> = { silent: 0, gone: 1, mining: 2 };

const ORDERS: Readonly<Record<WorkerSort, (now: number) => (a: Ordered, b: Ordered) => number>> = {
  trouble: () => (a, b) =>
    TROUBLE[a.state] - TROUBLE[b.state] ||
    (a.state === 'gone' ? b.record.lastSeenAt - a.record.lastSeenAt : 0) ||
    byName(a, b),
  hashrate: (now) => {
    const rates = new Map<WorkerRecord, number>();
    const rate = ({ record }: Ordered): number => {
      let value = rates.get(record);
      if (value === undefined) rates.set(record, (value = record.rateOverMinutes(60, now).perSecond));
      return value;
    };
    return (a, b) => rate(b) - rate(a) || byName(a, b);
  },
  name: () => byName,
  last_share: () => (a, b) => (b.record.lastShareAt ?? 0) - (a.record.lastShareAt ?? 0) || byName(a, b),
};

function byName({ record: a }: Ordered, { record: b }: Ordered): number {
  return compare(a.clientId, b.clientId) || compare(a.worker, b.worker);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function zeroCounts(): Record<WorkerState, number> {
  return Object.fromEntries(WORKER_STATES.map((state) => [state, 0])) as Record<WorkerState, number>;
}
