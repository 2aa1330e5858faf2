import type { ExportTables } from '../../export/export-schema';
import type { Counter, Wide } from '../fold/usage-numbers';

type Counts = Record<Counter | `${Wide}_${'high' | 'low'}`, bigint>;

/** Rows belong to one journal, so that only its own folder writes them. Times are milliseconds since 1970. */
export interface UsageTable extends Counts {
  journal_id: string;
  session_id: string;
  client_id: string;
  worker: string;
  pool: string;
  hour: bigint;
  dialect: string;
}

/** Usage of a closed month that became known after it was closed. */
export interface CorrectionsTable extends UsageTable {
  /** The month, `YYYY-MM`, in whose statement it is billed: the first one that was still open. */
  booked_month: string;
}

/** One row a session, for people; bills are made of usage alone. Times are milliseconds since 1970. */
export interface SessionsTable {
  journal_id: string;
  session_id: string;
  run: bigint;
  listener: string;
  pool: string;
  source: string;
  opened_at: bigint;
  client_id: string | null;
  worker: string | null;
  dialect: string;
  last_at: bigint;
  closed_at: bigint | null;
  side: string | null;
  code: string | null;
  /** JSON, as the close record has it; null where the listener did not ask for it. */
  proof: string | null;
  sent_to: string | null;
  bytes_sent: bigint;
  bytes_received: bigint;
  session_ms: bigint;
  counted: bigint;
  /** The newest stretch of time without a gap in which it was connected; null before its first progress. */
  connected_from: bigint | null;
  connected_to: bigint | null;
}

/**
 * Stretches before the one in a session's own row: there are any only where the clock was set, or where time is missing.
 * Times are milliseconds since 1970.
 */
export interface EarlierConnectionsTable {
  journal_id: string;
  session_id: string;
  connected_from: bigint;
  connected_to: bigint;
}

/** For how long each worker was connected in a month, for good. Times are milliseconds, `first_seen` since 1970. */
export interface UptimeTable {
  month: string;
  client_id: string;
  worker: string;
  first_seen: bigint;
  connected_ms: bigint;
}

/** Shares that met the network's target in their job, for good. `found_at` is milliseconds since 1970. */
export interface BlocksTable {
  journal_id: string;
  /** As people write it. */
  hash: string;
  found_at: bigint;
  /** As the coinbase says; null where it does not. */
  height: bigint | null;
  client_id: string;
  /** Empty where the share named none. */
  worker: string;
  pool: string;
  session_id: string;
  job: string;
  /** What the pool said of the share. */
  outcome: 'accepted' | 'rejected' | 'unanswered';
}

/** One row for each journal that was ever folded into this ledger. */
export interface JournalsTable {
  journal_id: string;
  /** A label for people. */
  instance: string;
  /** When the journal was first folded here: the time of its first segment. */
  created_at: bigint;
  /** The position: all before it is folded. */
  segment: bigint;
  byte_offset: bigint;
  /** The `mark` of the position's segment. */
  mark: string;
  run: bigint;
  /** The latest time among the folded records. */
  folded_through: bigint;
  /** 1 where the last folded record says that the process ended in order. */
  stopped: bigint;
  bad_records: bigint;
  orphans: bigint;
  /** 1 since a month was closed without it, until it is heard of again. */
  written_off: bigint;
}

/**
 * One row a closed month. `closed_at` is milliseconds since 1970, `sha256` is over the rows of all clients.
 */
export interface PeriodsTable {
  month: string;
  closed_at: bigint;
  rows: bigint;
  sha256: string;
  /** JSON list of the journals that were not waited for. */
  without: string;
  /** The rates of whoever closed it, as JSON; null where there were none. */
  rates: string | null;
  /** What uptime is in its statements: `hour` in those that were closed before schema 4, else `worker`. */
  uptime_by: 'hour' | 'worker';
}

/** The tables as the newest migration leaves them, the same in SQLite and PostgreSQL. */
export interface LedgerTables extends ExportTables {
  usage: UsageTable;
  corrections: CorrectionsTable;
  sessions: SessionsTable;
  earlier_connections: EarlierConnectionsTable;
  uptime: UptimeTable;
  blocks: BlocksTable;
  journals: JournalsTable;
  periods: PeriodsTable;
}
