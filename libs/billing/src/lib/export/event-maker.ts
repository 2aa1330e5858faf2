import { sql, type RawBuilder, type Transaction } from 'kysely';
import { BlockStatement, type RowValues } from '../ledger/database/block-statement';
import { endOfHour } from '../ledger/database/calendar';
import type { LedgerDatabase } from '../ledger/database/database';
import { lockedTransaction } from '../ledger/database/fold-lock';
import type { LedgerTables } from '../ledger/database/schema';
import {
  addNumbers,
  COUNTERS,
  NUMBER_NAMES,
  WIDE,
  type NumberName,
  type UsageNumbers,
} from '../ledger/fold/usage-numbers';
import { numbersOfSums, sumColumns, type SumRow } from '../statement/usage-sums';
import type { ExportHoursTable, ExportSumsTable } from './export-schema';
import { addEvents } from './outbox';
import { claimJournal, type SentJournal } from './senders';
import { usageEvent } from './usage-event';

/** Keys that one transaction looks at: few enough to hold up nobody, enough for some requests. */
const PAGE = 500;
/** The last intervals of an hour are journaled, and its last sessions identified, a little after its end. */
const SETTLING_MS = 300_000;
const HOUR_MS = 3_600_000;

/** The first hour, by its start, that is not yet finished in a journal. */
export function firstUnfinished({ completeThrough }: SentJournal): number {
  return completeThrough - SETTLING_MS - HOUR_MS + 1;
}

/** What became of a page. */
export type Page = 'made' | 'nothing left' | "somebody else's";

interface Key {
  readonly client_id: string;
  readonly worker: string;
  readonly pool: string;
}

/** The hour under way. */
interface Place {
  readonly journalId: string;
  readonly hour: bigint;
  readonly since: bigint;
  /** What had changed before the first page was looked at. */
  readonly changes: bigint;
  /** The last key of the page before. */
  readonly after: Key | undefined;
}

const SAVE_SUMS = new BlockStatement<ExportSumsTable>(
  ['journal_id', 'hour', 'client_id', 'worker', 'pool', 'parts', 'numbers'],
  (step, block) =>
    step
      .insertInto('export_sums')
      .values(block)
      .onConflict((conflict) =>
        conflict
          .columns(['journal_id', 'hour', 'client_id', 'worker', 'pool'])
          .doUpdateSet((row) => ({ parts: row.ref('excluded.parts'), numbers: row.ref('excluded.numbers') })),
      ),
);

/**
 * Makes events of finished hours: for each key what the ledger has, less what its events have said. A page of keys and the
 * events of it are one transaction, so that whatever dies, an event is made once and is the same whenever it is sent.
 */
export class EventMaker {
  private place: Place | undefined;

  constructor(
    private readonly database: LedgerDatabase,
    private readonly ledgerId: string,
    private readonly sender: string,
  ) {}

  /** Looks at the next page of keys. `from`: hours before it are left out. */
  async makePage(journal: SentJournal, from: number, now: number): Promise<Page> {
    const { journalId } = journal;
    let next: Place | undefined;
    const page = await lockedTransaction(this.database.tables).execute(async (step): Promise<Page> => {
      if (!(await claimJournal(step, journalId, this.sender, now))) return "somebody else's";
      const place = this.place?.journalId === journalId ? this.place : await changedHour(step, journal, from);
      if (!place) return 'nothing left';
      next = await this.makeIn(step, place);
      return 'made';
    });
    this.place = next;
    return page;
  }

  /** Returns where the hour goes on; undefined at its end. */
  private async makeIn(step: Transaction<LedgerTables>, place: Place): Promise<Place | undefined> {
    const { journalId, hour, changes } = place;
    const keys = await nextKeys(step, place);
    const last = keys.at(-1);
    if (last) await this.makeBetween(step, place, last);
    if (last && keys.length === PAGE) return { ...place, after: last };
    await step
      .updateTable('export_hours')
      .set({ prepared: changes })
      .where('journal_id', '=', journalId)
      .where('hour', '=', hour)
      .execute();
    return undefined;
  }

  private async makeBetween(step: Transaction<LedgerTables>, place: Place, last: Key): Promise<void> {
    const { journalId, hour, since } = place;
    const sent = await sentUntil(step, place, last);
    const booked = await bookedUntil(step, place, last);
    // A key that was moved to another client has nothing in the ledger any more.
    const keys = new Map([...sent, ...booked].map(([text, { key }]) => [text, key]));
    const sums: RowValues[] = [];
    const events: RowValues[] = [];
    for (const [text, key] of keys) {
      const { numbers: before, parts } = sent.get(text) ?? { numbers: NOTHING, parts: 0n };
      const now = booked.get(text)?.numbers ?? NOTHING;
      const rest = difference(now, before);
      if (rest.size === 0) continue;
      const { client_id: clientId, worker, pool } = key;
      const part = parts + 1n;
      const eventKey = { journalId, clientId, worker, pool, hour: Number(hour) };
      const { id, event } = usageEvent(this.ledgerId, eventKey, Number(part), rest);
      sums.push([journalId, hour, clientId, worker, pool, part, numbersText(now)]);
      events.push([journalId, hour, id, since, event]);
    }
    await SAVE_SUMS.run(step, this.database.kind, sums);
    await addEvents(step, this.database.kind, events);
  }
}

interface Booked {
  readonly key: Key;
  readonly numbers: UsageNumbers;
}

interface Sent extends Booked {
  readonly parts: bigint;
}

const NOTHING: UsageNumbers = new Map();

/** The oldest finished hour that has changed since events were made of it. */
async function changedHour(
  step: Transaction<LedgerTables>,
  journal: SentJournal,
  from: number,
): Promise<Place | undefined> {
  const row = await step
    .selectFrom('export_hours')
    .selectAll()
    .where('journal_id', '=', journal.journalId)
    .where('hour', '>=', BigInt(from))
    .where('hour', '<', BigInt(firstUnfinished(journal)))
    .whereRef('prepared', '<', 'changes')
    .orderBy('hour')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { hour, changes } = row;
  return { journalId: journal.journalId, hour, changes, since: BigInt(waitsSince(row)), after: undefined };
}

/** Since when an hour waits: its end, or, where it was sent before, when it changed. */
export function waitsSince({
  hour,
  prepared,
  since,
}: Pick<ExportHoursTable, 'hour' | 'prepared' | 'since'>): number {
  const end = endOfHour(Number(hour));
  return prepared === 0n ? end : Math.max(end, Number(since));
}

/** The next keys of an hour that are in the ledger or were sent, a page of them at most. */
async function nextKeys(step: Transaction<LedgerTables>, place: Place): Promise<readonly Key[]> {
  const from = (table: string) => sql`
    select client_id, worker, pool from ${sql.table(table)} where ${within(place)}`;
  const { rows } = await sql<Key>`
    ${from('usage')} union ${from('corrections')} union ${from('export_sums')}
    order by client_id, worker, pool limit ${BigInt(PAGE)}`.execute(step);
  return rows;
}

/** What the ledger has of the keys up to `last`, by their texts. */
async function bookedUntil(
  step: Transaction<LedgerTables>,
  place: Place,
  last: Key,
): Promise<ReadonlyMap<string, Booked>> {
  const columns = [...COUNTERS, ...WIDE.flatMap((name) => [`${name}_high`, `${name}_low`])];
  const from = (table: string) => sql`
    select client_id, worker, pool, ${sql.join(columns.map((name) => sql.ref(name)))}
    from ${sql.table(table)} where ${within(place, last)}`;
  const { rows } = await sql<SumRow & Key>`
    select client_id, worker, pool, ${sumColumns()}
    from (${from('usage')} union all ${from('corrections')}) as facts
    group by client_id, worker, pool`.execute(step);
  return new Map(rows.map((row) => [keyText(row), { key: row, numbers: numbersOfSums(row) }]));
}

/** What was sent of the keys up to `last`, by their texts. */
async function sentUntil(
  step: Transaction<LedgerTables>,
  place: Place,
  last: Key,
): Promise<ReadonlyMap<string, Sent>> {
  const { rows } = await sql<ExportSumsTable>`
    select client_id, worker, pool, parts, numbers
    from export_sums where ${within(place, last)}`.execute(step);
  return new Map(
    rows.map((row) => [keyText(row), { key: row, parts: row.parts, numbers: numbersFrom(row.numbers) }]),
  );
}

/** The keys of an hour that come after the place, up to `last` where it is given. */
function within({ journalId, hour, after }: Place, last?: Key): RawBuilder<unknown> {
  const conditions = [sql`journal_id = ${journalId}`, sql`hour = ${hour}`];
  const key = sql`(client_id, worker, pool)`;
  const bound = ({ client_id, worker, pool }: Key) => sql`(${client_id}, ${worker}, ${pool})`;
  if (after) conditions.push(sql`${key} > ${bound(after)}`);
  if (last) conditions.push(sql`${key} <= ${bound(last)}`);
  return sql.join(conditions, sql` and `);
}

function keyText({ client_id, worker, pool }: Key): string {
  return JSON.stringify([client_id, worker, pool]);
}

function difference(now: UsageNumbers, before: UsageNumbers): UsageNumbers {
  const rest = new Map<NumberName, bigint>();
  for (const name of NUMBER_NAMES) {
    const value = (now.get(name) ?? 0n) - (before.get(name) ?? 0n);
    if (value !== 0n) rest.set(name, value);
  }
  return rest;
}

function numbersText(numbers: UsageNumbers): string {
  const some = NUMBER_NAMES.filter((name) => (numbers.get(name) ?? 0n) !== 0n);
  return JSON.stringify(Object.fromEntries(some.map((name) => [name, String(numbers.get(name))])));
}

function numbersFrom(text: string): UsageNumbers {
  const numbers: UsageNumbers = new Map();
  addNumbers(
    numbers,
    Object.entries(JSON.parse(text) as Record<string, string>).map(([name, value]) => [name, BigInt(value)]),
  );
  return numbers;
}
