import { cleanText } from '../journal/records/clean-text';
import type { SettledShares } from '../metering/share-counts';
import type { WorkerNames } from '../metering/worker-names';
import type { WorkerRecord } from './worker-record';
import type { WorkerTable } from './worker-table';

/** Characters of a miner's name and version that are kept. */
const LONGEST_AGENT = 100;

/** Who keeps workers, and what they are called there. */
export interface WorkerBooks {
  readonly workers: WorkerTable;
  readonly workerNames: WorkerNames;
}

/** The workers of one session: those that have logged in on it, or had a share, are on it until it closes. */
export class SessionWorkers {
  /** What the miner says that it is. */
  private agent: string | null = null;
  /** The first one; others only where there are several: nearly all sessions have one. */
  private first: WorkerRecord | undefined;
  private others: Set<WorkerRecord> | undefined;
  /** That of the last share: nearly always the next one's, too. */
  private last: WorkerRecord | undefined;

  constructor(private readonly books: WorkerBooks) {}

  /** The miner has said its name and version. */
  introduced(agent: string): void {
    this.agent = cleanText(agent).slice(0, LONGEST_AGENT);
    for (const record of this.attached()) record.agent = this.agent;
  }

  loggedIn(clientId: string, worker: string): void {
    this.attach(clientId, worker);
  }

  settled(clientId: string, worker: string, shares: SettledShares): void {
    this.attach(clientId, worker)?.settled(shares);
  }

  /** The session is over. */
  closed(): void {
    const now = Date.now();
    for (const record of this.attached()) record.left(now);
    this.first = this.others = undefined;
  }

  private attach(clientId: string, name: string): WorkerRecord | undefined {
    const worker = this.books.workerNames.billed(clientId, name);
    const { last } = this;
    if (last?.worker === worker && last.clientId === clientId) return last;
    const record = this.books.workers.record(clientId, worker);
    if (record && record !== this.first && this.others?.has(record) !== true) {
      if (this.first === undefined) this.first = record;
      else (this.others ??= new Set()).add(record);
      record.joined(this.agent, Date.now());
    }
    return (this.last = record);
  }

  private *attached(): Iterable<WorkerRecord> {
    if (this.first !== undefined) yield this.first;
    if (this.others !== undefined) yield* this.others;
  }
}
