import type { Transaction } from 'kysely';
import { monthOf, nextMonth } from '../database/calendar';
import type { LedgerKind } from '../database/database';
import { settledKey, type Settlement } from './fold';
import type { LedgerTables, UsageTable } from '../database/schema';
import type { UsageBook } from './usage-book';
import { isZero } from './usage-numbers';
import { addToRows, keyOf, numbersIn, type KeyedNumbers, type UsageTableName } from './usage-rows';

const IDS = 500;

/**
 * Writes what a fold has found. What belongs to a month that is closed becomes a correction, booked in the first
 * month after it that is still open; closed rows are never touched.
 */
export class Booking {
  constructor(
    private readonly step: Transaction<LedgerTables>,
    private readonly kind: LedgerKind,
    private readonly journalId: string,
    private readonly closedMonths: ReadonlySet<string>,
  ) {}

  async book(book: UsageBook, settlements: readonly Settlement[]): Promise<void> {
    for (const table of ['usage', 'corrections'] as const) await this.settle(table, book, settlements);
    const usage: KeyedNumbers[] = [];
    const corrections: KeyedNumbers[] = [];
    for (const { key, numbers } of book) {
      if (isZero(numbers)) continue;
      const month = monthOf(key.hour);
      if (this.closedMonths.has(month))
        corrections.push({ key, numbers, bookedMonth: this.openAfter(month) });
      else usage.push({ key, numbers });
    }
    await addToRows(this.step, this.kind, 'usage', this.journalId, usage);
    await addToRows(this.step, this.kind, 'corrections', this.journalId, corrections);
  }

  /** Moves the rows of sessions that have found their client. */
  private async settle(
    table: UsageTableName,
    book: UsageBook,
    settlements: readonly Settlement[],
  ): Promise<void> {
    const bySession = new Map(settlements.map((settlement) => [settlement.sessionId, settlement]));
    const ids = [...bySession.keys()];
    for (let start = 0; start < ids.length; start += IDS) {
      const some = ids.slice(start, start + IDS);
      const rows = await this.step
        .selectFrom(table)
        .selectAll()
        .where('journal_id', '=', this.journalId)
        .where('session_id', 'in', some)
        .execute();
      for (const row of rows) {
        const settlement = bySession.get(row.session_id);
        if (!settlement) continue;
        const key = keyOf(row);
        const numbers = numbersIn(row);
        book.add(settledKey(key, settlement), numbers);
        // A closed row stays as it is: what is taken from it is a correction as well.
        if (this.isFrozen(row)) book.add(key, numbers, -1n);
        else await this.remove(table, row);
      }
    }
  }

  /** A session without a client has few rows and is settled once. */
  private async remove(table: UsageTableName, row: UsageTable & { booked_month?: string }): Promise<void> {
    let one = this.step
      // The two tables have the same columns but one.
      .deleteFrom(table as 'corrections')
      .where('journal_id', '=', this.journalId)
      .where('session_id', '=', row.session_id)
      .where('hour', '=', row.hour)
      .where('client_id', '=', row.client_id)
      .where('worker', '=', row.worker)
      .where('pool', '=', row.pool)
      .where('dialect', '=', row.dialect);
    if (row.booked_month !== undefined) one = one.where('booked_month', '=', row.booked_month);
    await one.execute();
  }

  private isFrozen(row: { hour: bigint; booked_month?: string }): boolean {
    return this.closedMonths.has(row.booked_month ?? monthOf(Number(row.hour)));
  }

  private openAfter(month: string): string {
    let open = nextMonth(month);
    while (this.closedMonths.has(open)) open = nextMonth(open);
    return open;
  }
}
