import { HASHES_PER_STEP, UNITS_PER_STEP, hashesOfRest } from '../../journal/records/share-work';
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

/** Beyond this a sum is added to the others while it is still exact: no share adds as much again. */
const MOST = 2 ** 52;

/** Adds up the numbers of one key. */
export class UsageEntry {
  private readonly sums: UsageNumbers = new Map<NumberName, bigint>();
  // Usual shares, in plain numbers: their work as whole steps of both units, and what there is of each besides.
  private shares = 0;
  private steps = 0;
  private units = 0;
  private hashes = 0;

  constructor(readonly key: UsageKey) {}

  get numbers(): UsageNumbers {
    this.addUsual();
    return this.sums;
  }

  /**
   * Adds an accepted share: most of what is ever added, and without an object or a text. `hashes`: undefined where they
   * are what the units of difficulty tell.
   */
  accepted(units: number, hashes: number | undefined): void {
    this.shares += 1;
    if (hashes === undefined) {
      const steps = Math.floor(units / UNITS_PER_STEP);
      const rest = units - steps * UNITS_PER_STEP;
      this.steps += steps;
      this.units += rest;
      if (rest !== 0) this.hashes += hashesOfRest(rest);
    } else {
      this.units += units;
      this.hashes += hashes;
    }
    if (this.steps > MOST || this.units > MOST || this.hashes > MOST) this.addUsual();
  }

  private addUsual(): void {
    if (this.shares === 0) return;
    const [shares, steps] = [BigInt(this.shares), BigInt(this.steps)];
    addNumbers(this.sums, [
      ['submits', shares],
      ['accepted', shares],
      ['accepted_hashes', steps * BigInt(HASHES_PER_STEP) + BigInt(this.hashes)],
      ['accepted_difficulty', steps * BigInt(UNITS_PER_STEP) + BigInt(this.units)],
    ]);
    this.shares = 0;
    this.steps = 0;
    this.units = 0;
    this.hashes = 0;
  }
}

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
