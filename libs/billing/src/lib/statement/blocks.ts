import { sql, type Kysely } from 'kysely';
import type { BlocksTable, LedgerTables } from '../ledger/database/schema';
import { BadQueryError, refuseNul } from './bad-query';

/** Which blocks to list, the newest first. */
export interface BlocksQuery {
  readonly clientId?: string | undefined;
  readonly limit: number;
  /** The `cursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** One share that met the network's target. */
export interface ListedBlock {
  /** Milliseconds since 1970. */
  readonly foundAt: number;
  /** Null where the coinbase did not say it. */
  readonly height: number | null;
  readonly hash: string;
  readonly clientId: string;
  /** Null where the share named none. */
  readonly worker: string | null;
  readonly pool: string;
  readonly job: string;
  readonly outcome: BlocksTable['outcome'];
}

/** A page of blocks. */
export interface BlocksPage {
  readonly blocks: readonly ListedBlock[];
  /** Of the next page; null on the last one. */
  readonly cursor: string | null;
}

/** Block candidates out of the ledger. */
export async function blocks(
  tables: Kysely<LedgerTables>,
  { clientId, limit, cursor }: BlocksQuery,
): Promise<BlocksPage> {
  let query = tables.selectFrom('blocks').selectAll();
  if (clientId !== undefined) {
    refuseNul(clientId);
    query = query.where('client_id', '=', clientId);
  }
  if (cursor !== undefined) {
    const { foundAt, hash } = cursorOf(cursor);
    query = query.where(sql<boolean>`(found_at, hash) < (${BigInt(foundAt)}, ${hash})`);
  }
  const rows = await query
    .orderBy('found_at', 'desc')
    .orderBy('hash', 'desc')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { blocks: page.map(listed), cursor: last ? `${last.found_at}.${last.hash}` : null };
}

function cursorOf(text: string): { readonly foundAt: string; readonly hash: string } {
  const [, foundAt, hash] = /^(\d{1,15})\.([\da-f]{64})$/.exec(text) ?? [];
  if (foundAt === undefined || hash === undefined)
    throw new BadQueryError('cursor is not one that was given');
  return { foundAt, hash };
}

function listed({ found_at, height, hash, client_id, worker, pool, job, outcome }: BlocksTable): ListedBlock {
  return {
    foundAt: Number(found_at),
    height: height === null ? null : Number(height),
    hash,
    clientId: client_id,
    worker: worker === '' ? null : worker,
    pool,
    job,
    outcome,
  };
}
