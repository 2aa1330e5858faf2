/** Time in which a session was connected, milliseconds since 1970. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A stretch in which a session was connected, before the newest one. */
export interface EarlierConnection extends Stretch {
  readonly sessionId: string;
}

/** One session as the ledger knows it: a row of `sessions`. Times are milliseconds since 1970. */
export interface SessionState {
  readonly session_id: string;
  readonly run: number;
  readonly listener: string;
  readonly pool: string;
  readonly source: string;
  readonly opened_at: number;
  /** Null until it is known. */
  client_id: string | null;
  worker: string | null;
  dialect: string;
  /** Of the last record that is not a share: at most two usage intervals before the last share. */
  last_at: number;
  /** Null while it is open. */
  closed_at: number | null;
  side: string | null;
  code: string | null;
  /** Hashes of its bytes as JSON; null where they were not asked for. */
  proof: string | null;
  /** Where the pool told the miner to connect to, if the miner left after that. */
  sent_to: string | null;
  bytes_sent: bigint;
  bytes_received: bigint;
  session_ms: bigint;
  /** The newest stretch without a gap in which it was connected; null before its first progress. */
  connected: Stretch | null;
  /** Whether the `sessions` of its usage has it. */
  counted: boolean;
}
