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

export interface UsageEntry {
  readonly key: UsageKey;
  readonly numbers: UsageNumbers;
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
      this.entries.set(text, (entry = { key, numbers: new Map<NumberName, bigint>() }));
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
