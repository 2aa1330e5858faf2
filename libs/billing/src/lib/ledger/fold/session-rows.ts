import { sql, type Kysely, type Transaction } from 'kysely';
import { BlockStatement, type RowValues } from '../database/block-statement';
import type { LedgerKind } from '../database/database';
import type { LedgerTables, SessionsTable } from '../database/schema';
import type { EarlierConnection, SessionState } from './session-state';

const COLUMNS = [
  'journal_id',
  'session_id',
  'run',
  'listener',
  'pool',
  'source',
  'opened_at',
  'client_id',
  'worker',
  'dialect',
  'last_at',
  'closed_at',
  'side',
  'code',
  'proof',
  'sent_to',
  'bytes_sent',
  'bytes_received',
  'session_ms',
  'counted',
  'connected_from',
  'connected_to',
] as const satisfies readonly (keyof SessionsTable)[];

const FIND = new BlockStatement<Pick<SessionsTable, 'session_id'>, SessionsTable>(
  ['session_id'],
  (step, block) =>
    step
      .selectFrom('sessions')
      .selectAll()
      // Bound for each journal anew.
      .where('journal_id', '=', '')
      .where(
        'session_id',
        'in',
        block.map(({ session_id }) => session_id),
      ),
);

const SAVE = new BlockStatement<SessionsTable>(COLUMNS, (step, block) =>
  step
    .insertInto('sessions')
    .values(block)
    .onConflict((conflict) =>
      conflict.columns(['journal_id', 'session_id']).doUpdateSet((row) => ({
        client_id: row.ref('excluded.client_id'),
        worker: row.ref('excluded.worker'),
        dialect: row.ref('excluded.dialect'),
        last_at: row.ref('excluded.last_at'),
        closed_at: row.ref('excluded.closed_at'),
        side: row.ref('excluded.side'),
        code: row.ref('excluded.code'),
        proof: row.ref('excluded.proof'),
        sent_to: row.ref('excluded.sent_to'),
        bytes_sent: row.ref('excluded.bytes_sent'),
        bytes_received: row.ref('excluded.bytes_received'),
        session_ms: row.ref('excluded.session_ms'),
        counted: row.ref('excluded.counted'),
        connected_from: row.ref('excluded.connected_from'),
        connected_to: row.ref('excluded.connected_to'),
      })),
    ),
);

const PROGRESS_COLUMNS = [
  'journal_id',
  'session_id',
  'last_at',
  'bytes_sent',
  'bytes_received',
  'session_ms',
  'connected_from',
  'connected_to',
] as const satisfies readonly (keyof SessionsTable)[];

type ProgressRow = Pick<SessionsTable, (typeof PROGRESS_COLUMNS)[number]>;

/** Nearly all sessions of a fold have only moved on. Both databases name the columns of `values` so. */
const PROGRESS = new BlockStatement<ProgressRow>(PROGRESS_COLUMNS, (step, block) => {
  const rows = block.map((row) => sql`(${sql.join(PROGRESS_COLUMNS.map((column) => row[column]))})`);
  const update = sql`
    update sessions set
      last_at = cast(moved.column3 as bigint),
      bytes_sent = cast(moved.column4 as bigint),
      bytes_received = cast(moved.column5 as bigint),
      session_ms = cast(moved.column6 as bigint),
      connected_from = cast(moved.column7 as bigint),
      connected_to = cast(moved.column8 as bigint)
    from (values ${sql.join(rows)}) as moved
    where sessions.journal_id = moved.column1 and sessions.session_id = moved.column2`;
  return { compile: () => update.compile(step) };
});

/** The sessions of a journal by their ids. */
export async function loadSessions(
  step: Kysely<LedgerTables>,
  kind: LedgerKind,
  journalId: string,
  ids: readonly string[],
): Promise<Map<string, SessionState>> {
  const wanted = ids.map((id) => [id]);
  return byId(await FIND.run(step, kind, wanted, [journalId]));
}

/** All sessions of a journal that are open. */
export async function loadOpenSessions(
  step: Transaction<LedgerTables>,
  journalId: string,
): Promise<Map<string, SessionState>> {
  const open = step.selectFrom('sessions').selectAll().where('journal_id', '=', journalId);
  return byId(await open.where('closed_at', 'is', null).execute());
}

/** Writes sessions as they are now. */
export async function saveSessions(
  step: Transaction<LedgerTables>,
  kind: LedgerKind,
  journalId: string,
  sessions: Iterable<SessionState>,
): Promise<void> {
  await SAVE.run(
    step,
    kind,
    Array.from(sessions, (session) => valuesOf(journalId, session)),
  );
}

/** Writes what sessions have moved that are there and have not changed otherwise. */
export async function saveProgress(
  step: Transaction<LedgerTables>,
  kind: LedgerKind,
  journalId: string,
  sessions: readonly SessionState[],
): Promise<void> {
  const rows = sessions.map((session) => [
    journalId,
    session.session_id,
    BigInt(session.last_at),
    session.bytes_sent,
    session.bytes_received,
    session.session_ms,
    session.connected && BigInt(session.connected.from),
    session.connected && BigInt(session.connected.to),
  ]);
  await PROGRESS.run(step, kind, rows);
}

/** Keeps what sessions were connected for before their newest stretch. There are few: clocks are seldom set. */
export async function addEarlierConnections(
  step: Transaction<LedgerTables>,
  journalId: string,
  connections: readonly EarlierConnection[],
): Promise<void> {
  for (const { sessionId, from, to } of connections) {
    await step
      .insertInto('earlier_connections')
      .values({
        journal_id: journalId,
        session_id: sessionId,
        connected_from: BigInt(from),
        connected_to: BigInt(to),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

function byId(rows: readonly SessionsTable[]): Map<string, SessionState> {
  return new Map(rows.map((row) => [row.session_id, stateOf(row)]));
}

/** In the order of `COLUMNS`. */
function valuesOf(journalId: string, session: SessionState): RowValues {
  return [
    journalId,
    session.session_id,
    BigInt(session.run),
    session.listener,
    session.pool,
    session.source,
    BigInt(session.opened_at),
    session.client_id,
    session.worker,
    session.dialect,
    BigInt(session.last_at),
    session.closed_at === null ? null : BigInt(session.closed_at),
    session.side,
    session.code,
    session.proof,
    session.sent_to,
    session.bytes_sent,
    session.bytes_received,
    session.session_ms,
    session.counted ? 1n : 0n,
    session.connected && BigInt(session.connected.from),
    session.connected && BigInt(session.connected.to),
  ];
}

function stateOf(row: SessionsTable): SessionState {
  const { session_id, listener, pool, source, client_id, worker, dialect, side, code, proof, sent_to } = row;
  const { bytes_sent, bytes_received, session_ms, connected_from: from, connected_to: to } = row;
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
    proof,
    sent_to,
    bytes_sent,
    bytes_received,
    session_ms,
    run: Number(row.run),
    opened_at: Number(row.opened_at),
    last_at: Number(row.last_at),
    closed_at: row.closed_at === null ? null : Number(row.closed_at),
    counted: row.counted === 1n,
    connected: from === null || to === null ? null : { from: Number(from), to: Number(to) },
  };
}
