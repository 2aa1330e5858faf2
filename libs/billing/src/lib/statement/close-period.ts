import type { Transaction } from 'kysely';
import { monthInterval } from '../ledger/database/calendar';
import type { LedgerDatabase } from '../ledger/database/database';
import { lockedTransaction, takeFoldLock } from '../ledger/database/fold-lock';
import type { LedgerTables } from '../ledger/database/schema';
import { closedPeriod, type ClosedPeriod } from './period';
import { hashPeriod } from './period-rows';
import type { Rates } from './rates';
import { settleUptime } from './uptime';

/** The month cannot be closed yet. `journals` are those that have not said all about it. */
export class PeriodNotReadyError extends Error {
  readonly code = 'PERIOD_NOT_READY';

  constructor(
    message: string,
    readonly journals: readonly string[] = [],
  ) {
    super(message);
  }
}

/** The last intervals of a month are journaled, and its last sessions identified, a little after its end. */
const SETTLING_MS = 300_000;

/**
 * Which month is closed, and on what terms. `now` is milliseconds since 1970: a month cannot be closed before
 * it is over.
 */
export interface CloseOptions {
  readonly month: string;
  /** Journals that are not waited for: what they still have becomes corrections. */
  readonly without?: readonly string[];
  /** What the month is billed at from now on; null where there are none yet. */
  readonly rates: Rates | null;
  readonly now: number;
}

/**
 * Freezes a month for good. No journal folds meanwhile. A month that is closed already is returned as it is.
 * Throws `PeriodNotReadyError`, and then nothing has changed.
 */
export function closePeriod({ tables, kind }: LedgerDatabase, options: CloseOptions): Promise<ClosedPeriod> {
  return lockedTransaction(tables).execute(async (step) => {
    await takeFoldLock(step, kind, 'close');
    const { month, now, rates } = options;
    const done = await closedPeriod(step, month);
    if (done) return done;
    const end = monthInterval(month).to;
    if (now < end)
      throw new PeriodNotReadyError(`${month} is not over before ${new Date(end).toISOString()}`);
    const without = await unfinishedJournals(step, options, end);
    await writeOff(step, without);
    await settleUptime(step, kind, month);
    const { rows, sha256 } = await hashPeriod(step, month);
    await step
      .insertInto('periods')
      .values({
        month,
        closed_at: BigInt(now),
        rows: BigInt(rows),
        sha256,
        without: JSON.stringify(without),
        rates: rates && JSON.stringify(rates),
        uptime_by: 'worker',
      })
      .execute();
    return { month, closed_at: new Date(now).toISOString(), rows, sha256, without };
  });
}

/** The journals that are left out; throws where there are others that may have more to say about the month. */
async function unfinishedJournals(
  step: Transaction<LedgerTables>,
  { month, without = [] }: CloseOptions,
  end: number,
): Promise<string[]> {
  const unfinished = await step
    .selectFrom('journals')
    .select(['journal_id', 'instance', 'folded_through'])
    .where('created_at', '<', BigInt(end))
    .where('folded_through', '<', BigInt(end + SETTLING_MS))
    // A proxy that stopped in order had said all; one that was written off once need not be named again.
    .where('stopped', '=', 0n)
    .where('written_off', '=', 0n)
    .orderBy('journal_id')
    .execute();
  const missing = unfinished.filter(({ journal_id }) => !without.includes(journal_id));
  if (missing.length > 0) {
    const names = missing.map(
      ({ journal_id, instance, folded_through }) =>
        `${journal_id} (${instance}, folded through ${new Date(Number(folded_through)).toISOString()})`,
    );
    throw new PeriodNotReadyError(
      `${month} cannot be closed: not folded through its end and five minutes more are ${names.join(', ')}`,
      missing.map(({ journal_id }) => journal_id),
    );
  }
  return unfinished.map(({ journal_id }) => journal_id);
}

async function writeOff(step: Transaction<LedgerTables>, journals: readonly string[]): Promise<void> {
  if (journals.length === 0) return;
  await step.updateTable('journals').set({ written_off: 1n }).where('journal_id', 'in', journals).execute();
}
