import type { JournalRecord } from '../../journal/records/record';

/** What a row is keyed by, and its numbers, as text: two ledgers are equal when these maps are. */
export type PlainUsage = Record<string, Record<string, string>>;

interface NaiveSession {
  readonly pool: string;
  readonly openedAt: number;
  client: string | undefined;
  worker: string | null;
  dialect: string;
  /** What waits for a client: row parts and numbers. */
  readonly waiting: [worker: string, dialect: string, hour: number, numbers: Record<string, bigint>][];
  counted: boolean;
}

const HOUR = 3_600_000;

/**
 * The ledger as one would write it without a database: one loop over everything that ever happened. Its own
 * code on purpose, so that it can convict the fold.
 */
export function naiveLedger(runs: readonly (readonly JournalRecord[])[]): PlainUsage {
  const rows: Record<string, Record<string, bigint>> = {};
  const put = (
    s: NaiveSession,
    worker: string | null,
    dialect: string,
    at: number,
    numbers: Record<string, bigint>,
  ) => {
    const hour = Math.floor(at / HOUR) * HOUR;
    if (s.client === undefined) s.waiting.push([worker ?? '', dialect, hour, numbers]);
    else into([s.client, worker ?? '', s.pool, hour, dialect], numbers);
  };
  const into = (key: unknown[], numbers: Record<string, bigint>) => {
    const row = (rows[JSON.stringify(key)] ??= {});
    for (const [name, value] of Object.entries(numbers)) row[name] = (row[name] ?? 0n) + value;
  };
  const identify = (s: NaiveSession, client: string) => {
    s.client = client;
    for (const [worker, dialect, hour, numbers] of s.waiting.splice(0)) {
      put(s, worker || s.worker, dialect === 'none' ? s.dialect : dialect, hour, numbers);
    }
  };
  const count = (s: NaiveSession) => {
    if (s.counted) return;
    s.counted = true;
    put(s, s.worker, s.dialect, s.openedAt, { sessions: 1n });
  };

  for (const run of runs) {
    const open = new Map<string, NaiveSession>();
    for (const r of run) {
      if (r.kind === 'open') {
        open.set(r.session, {
          pool: r.pool,
          openedAt: r.at,
          client: undefined,
          worker: null,
          dialect: 'none',
          waiting: [],
          counted: false,
        });
      }
      if (r.kind === 'sums' && r.session === null) {
        into([r.client_id, r.worker ?? '', r.pool, r.hour, r.dialect], bigints(r.numbers));
        continue;
      }
      const s = 'session' in r && r.session !== null ? open.get(r.session) : undefined;
      if (!s) continue;
      if (r.kind === 'client') {
        s.worker ??= r.worker;
        s.dialect = r.dialect;
        identify(s, r.client_id);
        if (s.worker !== null) count(s);
      } else if ((r.kind === 'share' || r.kind === 'foreign') && r.client_id !== undefined) {
        const hour = Math.floor(r.at / HOUR) * HOUR;
        const numbers = r.kind === 'share' ? shareNumbers(r) : { foreign_accounts: BigInt(r.count) };
        const dialect = r.kind === 'share' ? r.dialect : s.dialect;
        into([r.client_id, r.worker ?? s.worker ?? '', s.pool, hour, dialect], numbers);
      } else if (r.kind === 'share') {
        put(s, r.worker ?? s.worker, r.dialect, r.at, shareNumbers(r));
      } else if (r.kind === 'foreign') {
        put(s, s.worker, s.dialect, r.at, { foreign_accounts: BigInt(r.count) });
      } else if (r.kind === 'sums') {
        count(s);
        put(s, r.worker ?? s.worker, r.dialect, r.hour, bigints(r.numbers));
      } else if (r.kind === 'usage' || r.kind === 'close') {
        s.worker ??= r.worker;
        s.dialect = r.dialect;
        count(s);
        put(s, s.worker, s.dialect, r.at, {
          bytes_sent: BigInt(r.bytes_sent),
          bytes_received: BigInt(r.bytes_received),
        });
        for (let ms = 0; ms < r.ms;) {
          const hour = Math.floor((r.at - r.ms + ms) / HOUR) * HOUR;
          const part = Math.min(r.ms - ms, hour + HOUR - (r.at - r.ms + ms));
          put(s, s.worker, s.dialect, hour, { session_ms: BigInt(part) });
          ms += part;
        }
        if (r.kind === 'close') finish(s);
      }
      if (r.kind === 'close') open.delete(r.session);
    }
    for (const s of open.values()) finish(s);
  }

  function finish(s: NaiveSession): void {
    count(s);
    if (s.client === undefined) identify(s, 'unassigned');
  }

  return plain(rows);
}

function shareNumbers(r: JournalRecord & { kind: 'share' }): Record<string, bigint> {
  const submit = { submits: 1n };
  if (r.outcome === 'rejected') return { ...submit, [`rejected_${String(r.reason)}`]: 1n };
  if (r.outcome !== 'accepted' && r.outcome !== 'accepted_stale') return { ...submit, [r.outcome]: 1n };
  const accepted = {
    ...submit,
    accepted: 1n,
    ...(r.outcome === 'accepted_stale' ? { accepted_stale: 1n } : {}),
  };
  if (r.hashes === null) return { ...accepted, accepted_without_difficulty: 1n };
  const work = { ...accepted, accepted_hashes: BigInt(r.hashes) };
  if (r.difficulty === null) return { ...work, accepted_without_difficulty: 1n };
  return { ...work, accepted_difficulty: BigInt(r.difficulty) };
}

function bigints(texts: Readonly<Record<string, string>>): Record<string, bigint> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, BigInt(text)]));
}

function plain(rows: Record<string, Record<string, bigint>>): PlainUsage {
  const texts: PlainUsage = {};
  for (const [key, numbers] of Object.entries(rows)) {
    const some = Object.entries(numbers).filter(([, value]) => value !== 0n);
    if (some.length > 0)
      texts[key] = Object.fromEntries(some.map(([name, value]) => [name, value.toString()]));
  }
  return texts;
}
