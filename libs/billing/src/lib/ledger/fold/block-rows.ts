import type { Transaction } from 'kysely';
import type { BlockFact } from '../../journal/records/record';
import type { LedgerTables } from '../database/schema';

/** Keeps the blocks that a fold has found; one that is sent again is the same. There are few. */
export async function addBlocks(
  step: Transaction<LedgerTables>,
  journalId: string,
  blocks: readonly (BlockFact & { readonly at: number })[],
): Promise<void> {
  for (const { session, client_id, worker, pool, job, hash, height, outcome, at } of blocks) {
    await step
      .insertInto('blocks')
      .values({
        ...{
          journal_id: journalId,
          hash,
          session_id: session,
          client_id,
          worker: worker ?? '',
          pool,
          job,
          outcome,
        },
        found_at: BigInt(at),
        height: height === null ? null : BigInt(height),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}
