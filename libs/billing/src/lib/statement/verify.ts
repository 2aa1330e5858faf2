import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { monthInterval, startOfHour } from '../ledger/database/calendar';
import { readSnapshot, type LedgerDatabase, type LedgerKind } from '../ledger/database/database';
import { Fold } from '../ledger/fold/fold';
import type { SessionState } from '../ledger/fold/session-state';
import { loadSessions } from '../ledger/fold/session-rows';
import type { LedgerTables } from '../ledger/database/schema';
import { UsageBook, type UsageKey } from '../ledger/fold/usage-book';
import { NUMBER_NAMES, type NumberName } from '../ledger/fold/usage-numbers';
import { keyOf, numbersIn } from '../ledger/fold/usage-rows';
import type { JournalReader } from '../journal/journal-reader';
import type { SegmentHeader } from '../journal/records/record';
import type { Position } from '../journal/segments/segment-files';
import { closedPeriod } from './period';
import { hashPeriod } from './period-rows';

/** One number of one row that is not the same in the journal as in the ledger; both are decimal text. */
export interface Difference {
  readonly key: UsageKey;
  readonly name: NumberName;
  readonly journal: string;
  readonly ledger: string;
}

/** Whether a month's rows are what the journal says. */
export interface Verification {
  readonly journal_id: string;
  readonly month: string;
  /** What was compared: hours that the kept segments have whole. Null where there is none. */
  readonly compared: { readonly from: string; readonly to: string } | null;
  readonly rows: number;
  readonly damaged_records: number;
  /** Whether all rows of a closed month, of every journal, still have the SHA-256 of its close; null while it is open. */
  readonly sha256_holds: boolean | null;
  /** All that differ; `differences` has the first of them. */
  readonly difference_count: number;
  readonly differences: readonly Difference[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SHOWN_DIFFERENCES = 100;
const RECORDS_PER_TURN = 2_000;

/**
 * Recomputes a month from the segments that are kept, without the ledger's sums, and compares. Only this journal's
 * rows: other proxies have theirs. Needs memory for all rows of the kept segments.
 */
export async function verifyMonth(
  database: LedgerDatabase,
  reader: JournalReader,
  journalId: string,
  month: string,
): Promise<Verification> {
  const interval = coverage(reader, month);
  const state = await ledgerState(database, reader, journalId, month, interval);
  const { ledger, position, sessions } = state;
  const { journal, damaged } = await recompute(reader, sessions, position, interval);
  const differences = [...differencesOf(journal, ledger)];
  return {
    journal_id: journalId,
    month,
    compared:
      interval.from < interval.to
        ? { from: new Date(interval.from).toISOString(), to: new Date(interval.to).toISOString() }
        : null,
    rows: [...ledger].length,
    damaged_records: damaged,
    sha256_holds: state.hashHolds,
    difference_count: differences.length,
    differences: differences.slice(0, SHOWN_DIFFERENCES),
  };
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The part of the month that the kept segments have whole. */
function coverage(reader: JournalReader, month: string): Interval {
  const { from, to } = monthInterval(month);
  const first = reader.segments()[0];
  if (!first || first.segment === 1) return { from, to };
  const began = reader.header(first.segment)?.at ?? to;
  return { from: Math.max(from, startOfHour(began) + HOUR_MS), to };
}

interface LedgerState {
  readonly ledger: UsageBook;
  /** The ledger has the journal up to here. */
  readonly position: Position;
  /** Sessions that may have been opened before the first segment that is kept. */
  readonly sessions: Map<string, SessionState>;
  readonly hashHolds: boolean | null;
}

async function ledgerState(
  database: LedgerDatabase,
  reader: JournalReader,
  journalId: string,
  month: string,
  { from, to }: Interval,
): Promise<LedgerState> {
  return readSnapshot(database, async (step) => {
    const place = await step
      .selectFrom('journals')
      .select(['segment', 'byte_offset'])
      .where('journal_id', '=', journalId)
      .executeTakeFirst();
    const ledger = new UsageBook();
    for (const table of ['usage', 'corrections'] as const) {
      for (let day = from; day < to; day += DAY_MS) {
        const rows = await step
          .selectFrom(table)
          .selectAll()
          .where('hour', '>=', BigInt(day))
          .where('hour', '<', BigInt(Math.min(day + DAY_MS, to)))
          .where('journal_id', '=', journalId)
          .execute();
        for (const row of rows) ledger.add(withoutSession(keyOf(row)), numbersIn(row));
      }
    }
    const closed = await closedPeriod(step, month);
    const first = reader.segments()[0]?.segment ?? 1;
    const began = first === 1 ? undefined : reader.header(first);
    return {
      ledger,
      position: { segment: Number(place?.segment ?? 0n), offset: Number(place?.byte_offset ?? 0n) },
      hashHolds: closed ? (await hashPeriod(step, month)).sha256 === closed.sha256 : null,
      sessions: began === undefined ? new Map() : await openAt(step, database.kind, journalId, began),
    };
  });
}

async function openAt(
  step: Kysely<LedgerTables>,
  kind: LedgerKind,
  journalId: string,
  { at, run }: SegmentHeader,
): Promise<Map<string, SessionState>> {
  const rows = await step
    .selectFrom('sessions')
    .select('session_id')
    .where('journal_id', '=', journalId)
    .where('opened_at', '<', BigInt(at))
    .where((row) =>
      row.or([
        row('closed_at', 'is', null),
        row('closed_at', '>=', BigInt(at)),
        // Of a run that was killed: shares go on behind the record with which the ledger ends their session.
        row.and([row('code', '=', 'CRASH'), row('run', '=', BigInt(run))]),
      ]),
    )
    .execute();
  const ids = rows.map(({ session_id }) => session_id);
  const sessions = await loadSessions(step, kind, journalId, ids);
  // As it was then: what they did since is in the journal.
  for (const session of sessions.values()) session.closed_at = null;
  return sessions;
}

async function recompute(
  reader: JournalReader,
  sessions: Map<string, SessionState>,
  until: Position,
  { from, to }: Interval,
): Promise<{ readonly journal: UsageBook; readonly damaged: number }> {
  const firstSegment = reader.segments()[0];
  const run = firstSegment?.segment === 1 ? 0 : (reader.header(firstSegment?.segment ?? 0)?.run ?? 0);
  const fold = new Fold(sessions, run);
  let place: Position | undefined = { segment: 0, offset: 0 };
  while (place) {
    const { records, end } = reader.read(place, until, RECORDS_PER_TURN);
    for (const record of records) fold.add(record);
    place = end;
    await nextTurn();
  }
  const journal = new UsageBook();
  for (const { key, numbers } of fold.book) {
    if (key.hour >= from && key.hour < to) journal.add(withoutSession(key), numbers);
  }
  return { journal, damaged: fold.badRecords };
}

function* differencesOf(journal: UsageBook, ledger: UsageBook): Generator<Difference> {
  const both = new UsageBook();
  for (const { key } of [...journal, ...ledger]) both.add(key, []);
  for (const { key } of both) {
    const [ours, theirs] = [journal.get(key), ledger.get(key)];
    for (const name of NUMBER_NAMES) {
      const [inJournal, inLedger] = [ours?.get(name) ?? 0n, theirs?.get(name) ?? 0n];
      if (inJournal === inLedger) continue;
      yield { key, name, journal: inJournal.toString(), ledger: inLedger.toString() };
    }
  }
}

/** What still waits for a client shows under `unassigned`, here as in every report. */
function withoutSession(key: UsageKey): UsageKey {
  return { ...key, session_id: '' };
}
