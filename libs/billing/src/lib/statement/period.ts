import type { Kysely } from 'kysely';
import type { LedgerTables } from '../ledger/database/schema';
import type { Rates } from './rates';

/** A month that was closed. */
export interface ClosedPeriod {
  readonly month: string;
  readonly closed_at: string;
  /** How many rows it has, of all clients, corrections that are billed in it included. */
  readonly rows: number;
  /** Over all these rows, in the order of their keys; `docs/BILLING.md` says how. */
  readonly sha256: string;
  /** Journals that were not waited for. */
  readonly without: readonly string[];
}

/** The month as it was closed; undefined while it is open. */
export async function closedPeriod(
  tables: Kysely<LedgerTables>,
  month: string,
): Promise<ClosedPeriod | undefined> {
  const row = await tables.selectFrom('periods').selectAll().where('month', '=', month).executeTakeFirst();
  return (
    row && {
      month,
      closed_at: new Date(Number(row.closed_at)).toISOString(),
      rows: Number(row.rows),
      sha256: row.sha256,
      without: JSON.parse(row.without) as string[],
    }
  );
}

/** The rates that a closed month is billed at; undefined while it is open, and where there were none. */
export async function ratesAtClose(tables: Kysely<LedgerTables>, month: string): Promise<Rates | undefined> {
  const row = await tables
    .selectFrom('periods')
    .select('rates')
    .where('month', '=', month)
    .executeTakeFirst();
  return row?.rates ? (JSON.parse(row.rates) as Rates) : undefined;
}
