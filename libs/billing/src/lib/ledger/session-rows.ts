import type { Kysely, Transaction } from 'kysely';
import type { LedgerTables, SessionsTable } from './schema';
import type { SessionState } from './session-state';

const ROWS = 500;

/** The sessions of a journal by their ids, and all open ones too where asked. */
export async function loadSessions(
  step: Kysely<LedgerTables>,
  journalId: string,
  ids: readonly string[],
  openOnes: boolean,
): Promise<Map<string, SessionState>> {
  const found = new Map<string, SessionState>();
  const ofJournal = step.selectFrom('sessions').selectAll().where('journal_id', '=', journalId);
  for (let start = 0; start < ids.length; start += ROWS) {
    const rows = await ofJournal.where('session_id', 'in', ids.slice(start, start + ROWS)).execute();
    for (const row of rows) found.set(row.session_id, stateOf(row));
  }
  if (!openOnes) return found;
  for (const row of await ofJournal.where('closed_at', 'is', null).execute()) {
    found.set(row.session_id, stateOf(row));
  }
  return found;
}

/** Writes sessions as they are now. */
export async function saveSessions(
  step: Transaction<LedgerTables>,
  journalId: string,
  sessions: readonly SessionState[],
): Promise<void> {
  for (let start = 0; start < sessions.length; start += ROWS) {
    await step
      .insertInto('sessions')
      .values(sessions.slice(start, start + ROWS).map((session) => rowOf(journalId, session)))
      .onConflict((conflict) =>
        conflict.columns(['journal_id', 'session_id']).doUpdateSet((row) => ({
          client_id: row.ref('excluded.client_id'),
          worker: row.ref('excluded.worker'),
          dialect: row.ref('excluded.dialect'),
          last_at: row.ref('excluded.last_at'),
          closed_at: row.ref('excluded.closed_at'),
          side: row.ref('excluded.side'),
          code: row.ref('excluded.code'),
          bytes_sent: row.ref('excluded.bytes_sent'),
          bytes_received: row.ref('excluded.bytes_received'),
          session_ms: row.ref('excluded.session_ms'),
          counted: row.ref('excluded.counted'),
        })),
      )
      .execute();
  }
}

function rowOf(journalId: string, session: SessionState): SessionsTable {
  return {
    ...session,
    journal_id: journalId,
    run: BigInt(session.run),
    opened_at: BigInt(session.opened_at),
    last_at: BigInt(session.last_at),
    closed_at: session.closed_at === null ? null : BigInt(session.closed_at),
    counted: session.counted ? 1n : 0n,
  };
}

function stateOf(row: SessionsTable): SessionState {
  const { session_id, listener, pool, source, client_id, worker, dialect, side, code } = row;
  const { bytes_sent, bytes_received, session_ms } = row;
  return {
    session_id,
    listener,
    pool,
    source,
    client_id,
    worker,
    dialect,
    side,
    code,
    bytes_sent,
    bytes_received,
    session_ms,
    run: Number(row.run),
    opened_at: Number(row.opened_at),
    last_at: Number(row.last_at),
    closed_at: row.closed_at === null ? null : Number(row.closed_at),
    counted: row.counted === 1n,
  };
}
