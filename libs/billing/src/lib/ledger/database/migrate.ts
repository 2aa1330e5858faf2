import { sql, type Kysely, type Transaction } from 'kysely';
import type { LedgerDatabase } from './database';
import { lockedTransaction } from './fold-lock';
import { MIGRATIONS, type Migration } from './migrations';

/** Any number will do that no other program on the same server uses. */
const MIGRATION_LOCK = 5_318_008_771;

/** The ledger was made by a later version of this program. */
export class LedgerTooNewError extends Error {
  readonly code = 'LEDGER_TOO_NEW';
}

interface VersionTable {
  ledger_migrations: { version: bigint; name: string };
}

/**
 * Brings the schema up to date: all steps that are missing, in one transaction, under a lock, so that any number
 * of processes may start at once. Throws `LedgerTooNewError` where there are steps that nobody here knows.
 */
export async function migrate(
  { tables, kind }: LedgerDatabase,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const database = tables as unknown as Kysely<VersionTable>;
  const last = migrations.at(-1)?.version ?? 0;
  if ((await knownVersion(database)) === last) return;
  await lockedTransaction(database).execute(async (step) => {
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(step);
    const done = await versionIn(step);
    if (done > last) {
      throw new LedgerTooNewError(
        `the ledger has schema ${done}, this program knows ${last}: use the later version of the program`,
      );
    }
    for (const migration of migrations.filter(({ version }) => version > done)) {
      await migration.up(step as unknown as Kysely<unknown>, kind);
      const { version, name } = migration;
      await step
        .insertInto('ledger_migrations')
        .values({ version: BigInt(version), name })
        .execute();
    }
  });
}

/** Asked without a lock first: nearly always there is nothing to do. Undefined where it has to be found out. */
async function knownVersion(database: Kysely<VersionTable>): Promise<number | undefined> {
  try {
    return await newestIn(database);
  } catch {
    return undefined; // a new database, or one that cannot be reached: the transaction says which
  }
}

async function versionIn(step: Transaction<VersionTable>): Promise<number> {
  await step.schema
    .createTable('ledger_migrations')
    .ifNotExists()
    .addColumn('version', 'bigint', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .execute();
  return newestIn(step);
}

async function newestIn(database: Kysely<VersionTable>): Promise<number> {
  const row = await database
    .selectFrom('ledger_migrations')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst();
  return Number(row?.version ?? 0);
}
