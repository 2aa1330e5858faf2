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

  add(key: UsageKey, numbers: Iterable<readonly [string, bigint]>, sign: 1n | -1n = 1n): void {
    const text = keyText(key);
    let entry = this.entries.get(text);
    if (!entry) this.entries.set(text, (entry = { key, numbers: new Map<NumberName, bigint>() }));
    addNumbers(entry.numbers, numbers, sign);
  }

  /** Takes out what stands under a session that had no client. */
  takeSession(sessionId: string): UsageEntry[] {
    const taken: UsageEntry[] = [];
    for (const [text, entry] of this.entries) {
      if (entry.key.session_id !== sessionId) continue;
      this.entries.delete(text);
      taken.push(entry);
    }
    return taken;
  }

  get(key: UsageKey): UsageNumbers | undefined {
    return this.entries.get(keyText(key))?.numbers;
  }

  [Symbol.iterator](): IterableIterator<UsageEntry> {
    return this.entries.values();
  }
}

function keyText({ session_id, client_id, worker, pool, hour, dialect }: UsageKey): string {
  return JSON.stringify([session_id, client_id, worker, pool, hour, dialect]);
}
