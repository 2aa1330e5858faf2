import fc from 'fast-check';
import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import type { Fact, JournalRecord } from '../../journal/records/record';

export const HOUR = 3_600_000;
/** Ten minutes before a month ends, so that short histories cross the edge. */
export const START = Date.UTC(2026, 0, 31, 23, 50);

/** What happened in one run of the process. */
export type Run = readonly JournalRecord[];

const POOLS = ['eu:3333', 'us:3333'];
const CLIENTS = ['acme', 'bolt', 'unassigned'];
const WORKERS = ['acme.1', 'acme.2', 'Ünïcode', ''];

type Step =
  | { readonly do: 'open' | 'close'; readonly which: number; readonly what: number; readonly after: number }
  | {
      readonly do: 'client' | 'usage' | 'share' | 'own' | 'foreign' | 'tick' | 'sums';
      readonly which: number;
      readonly what: number;
      readonly after: number;
    };

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom(
    'open',
    'open',
    'client',
    'share',
    'share',
    'own',
    'own',
    'own',
    'usage',
    'close',
    'foreign',
    'tick',
    'sums',
  ),
  which: fc.nat(5),
  what: fc.nat(1_000_000),
  // Clocks are set back, too, also over an hour's edge.
  after: fc.oneof(
    { weight: 9, arbitrary: fc.nat(200_000) },
    { weight: 1, arbitrary: fc.integer({ min: -4_000_000, max: 0 }) },
  ),
});

/** Histories as a proxy writes them: sessions open before they do anything, and nothing follows their close. */
export const histories: fc.Arbitrary<readonly Run[]> = fc
  .array(fc.array(step, { maxLength: 40 }), { minLength: 1, maxLength: 4 })
  .map((runs) => {
    let at = START;
    let sessions = 0;
    return runs.map((steps) => {
      const open: string[] = [];
      const identified = new Map<string, Fact>();
      const run: JournalRecord[] = [];
      for (const { do: kind, which, what, after } of steps) {
        at += after;
        if (kind === 'open') {
          sessions += 1;
          open.push(`s${sessions}`);
          run.push({ ...opened(`s${sessions}`, what), at });
          continue;
        }
        const session = open[which % Math.max(open.length, 1)];
        if (session === undefined) continue;
        if (kind === 'client') {
          if (identified.has(session)) continue;
          identified.set(session, factOf(kind, session, what, at));
        }
        if (kind === 'own') {
          run.push({ ...ownShare(session, identified.get(session), what), at });
          continue;
        }
        if (kind === 'close') open.splice(open.indexOf(session), 1);
        run.push({ ...factOf(kind, session, what, at), at });
      }
      return run;
    });
  });

function opened(session: string, what: number): Fact {
  return { kind: 'open', session, listener: 'main', pool: pick(POOLS, what), source: '192.0.2.1' };
}

function factOf(kind: Exclude<Step['do'], 'open' | 'own'>, session: string, what: number, at: number): Fact {
  const worker = pick(WORKERS, what) || null;
  const dialect = what % 7 === 0 ? 'none' : 'stratum1';
  const progress = { session, worker, dialect, bytes_sent: what, bytes_received: what * 3, ms: what * 5 };
  switch (kind) {
    case 'client':
      return { kind, session, client_id: pick(CLIENTS, what), worker, dialect };
    case 'share':
      return share(session, worker, dialect, what);
    case 'usage':
      return { kind, ...progress };
    case 'close':
      return { kind, ...progress, side: 'downstream', code: 'ENDED' };
    case 'foreign':
      return { kind, session, count: what % 3, ...(what % 4 === 0 ? { client_id: 'guest', worker } : {}) };
    case 'tick':
      return { kind };
    case 'sums':
      return {
        kind,
        session: what % 4 === 0 ? null : session,
        client_id: 'acme',
        pool: pick(POOLS, what),
        worker,
        dialect,
        hour: Math.floor(at / HOUR) * HOUR,
        numbers: {
          submits: '7',
          accepted: '7',
          accepted_hashes: `${what}000000000000000000000`,
          bytes_sent: '5',
          session_ms: '90000',
        },
      };
  }
}

function share(session: string, worker: string | null, dialect: string, what: number): Fact {
  const outcomes = ['accepted', 'accepted', 'accepted_stale', 'rejected', 'unknown', 'unanswered'] as const;
  const outcome = pick(outcomes, what);
  const known = what % 5 !== 0;
  return {
    kind: 'share',
    session,
    ...(what % 6 === 0 ? { client_id: pick(CLIENTS, what + 1) } : {}),
    worker,
    dialect,
    outcome,
    ...(outcome === 'rejected' ? { reason: pick(REJECTION_REASONS, what) } : {}),
    difficulty: known && what % 11 !== 0 ? `${what}00000000` : null,
    hashes: known ? `${BigInt(what) * 2n ** 32n * 1_000_000_007n}` : null,
  };
}

/** A share as most are: of the session's worker, if that is known, with a difficulty that tells its hashes. */
function ownShare(session: string, client: Fact | undefined, what: number): Fact {
  const { worker, dialect } = client?.kind === 'client' ? client : { worker: 'acme.1', dialect: 'stratum1' };
  const difficulty = `${what}00000000`;
  const hashes = (BigInt(what) * 2n ** 32n).toString();
  return { kind: 'share', session, worker, dialect, outcome: 'accepted', difficulty, hashes };
}

function pick<T>(from: readonly T[], what: number): T {
  return from[what % from.length] as T;
}
