import { HASHES_PER_STEP, UNITS_PER_STEP } from '../../journal/records/share-work';
import { addNumbers, type NumberName, type UsageNumbers } from './usage-numbers';

/** What the numbers of one row of `usage` belong to, within one journal. */
export interface UsageKey {
  /** Set while the session's client is not known; the row shows under `unassigned` until it is moved. */
  readonly session_id: string;
  readonly client_id: string;
  readonly worker: string;
  readonly pool: string;
  /** Start of the hour, milliseconds since 1970. */
  readonly hour: number;
  readonly dialect: string;
}

/** Adds up the numbers of one key. */
export class UsageEntry {
  private readonly sums: UsageNumbers = new Map<NumberName, bigint>();
  private shares = 0;
  private steps = 0;

  constructor(readonly key: UsageKey) {}

  get numbers(): UsageNumbers {
    this.addUsual();
    return this.sums;
  }

  /** Adds an accepted share of so many steps: most of what is ever added, and without an object or a text. */
  accepted(steps: number): void {
    this.shares += 1;
    this.steps += steps;
    if (this.steps > MOST_STEPS) this.addUsual();
  }

  private addUsual(): void {
    if (this.shares === 0) return;
    const [shares, steps] = [BigInt(this.shares), BigInt(this.steps)];
    this.shares = 0;
    this.steps = 0;
    addNumbers(this.sums, [
      ['submits', shares],
      ['accepted', shares],
      ['accepted_hashes', steps * BigInt(HASHES_PER_STEP)],
      ['accepted_difficulty', steps * BigInt(UNITS_PER_STEP)],
    ]);
  }
}

/** A share has far less, so that the sum of both is still exact. */
const MOST_STEPS = 2 ** 52;

/** Adds numbers up by key. */
export class UsageBook {
  private readonly entries = new Map<string, UsageEntry>();
  /** The entries of sessions that have no client: of many thousands, in the fold of a farm that comes back. */
  private readonly ofSessions = new Map<string, UsageEntry[]>();

  add(key: UsageKey, numbers: Iterable<readonly [string, bigint]>, sign: 1n | -1n = 1n): void {
    addNumbers(this.entry(key).numbers, numbers, sign);
  }

  /** Where the numbers of a key are added up; there from now on. */
  entry(key: UsageKey): UsageEntry {
    const text = keyText(key);
    let entry = this.entries.get(text);
    if (!entry) {
      this.entries.set(text, (entry = new UsageEntry(key)));
      if (key.session_id !== '') this.ofSession(key.session_id).push(entry);
    }
    return entry;
  }

  /** Takes out what stands under a session that had no client. */
  takeSession(sessionId: string): readonly UsageEntry[] {
    const taken = this.ofSessions.get(sessionId) ?? [];
    this.ofSessions.delete(sessionId);
    for (const { key } of taken) this.entries.delete(keyText(key));
    return taken;
  }

  get(key: UsageKey): UsageNumbers | undefined {
    return this.entries.get(keyText(key))?.numbers;
  }

  private ofSession(sessionId: string): UsageEntry[] {
    let entries = this.ofSessions.get(sessionId);
    if (!entries) this.ofSessions.set(sessionId, (entries = []));
    return entries;
  }

  [Symbol.iterator](): IterableIterator<UsageEntry> {
    return this.entries.values();
  }
}

function keyText({ session_id, client_id, worker, pool, hour, dialect }: UsageKey): string {
  return JSON.stringify([session_id, client_id, worker, pool, hour, dialect]);
}
