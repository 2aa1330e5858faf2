/** Answers of the proxy's HTTP side, as far as the page shows them; the proxy describes them all at `/docs`. */
export interface Me {
  readonly role: 'admin' | 'client';
  readonly client_id: string | null;
  readonly signed_in: boolean;
}

export type WorkerState = 'mining' | 'silent' | 'gone';
export type StateCounts = Readonly<Record<WorkerState, number>>;

export interface Pool {
  readonly name: string;
  readonly pool_host: string;
  readonly state: 'up' | 'down' | 'drained';
  readonly since: string;
  readonly reason?: string | null;
  readonly sessions: number;
  readonly priority: number;
  readonly failovers: number;
  readonly dial_latency_ms: number | null;
  readonly answer_latency_ms: number | null;
}

export interface ClientRow {
  readonly client_id: string;
  /** What its statements call it; null: its id. */
  readonly name: string | null;
  readonly active_connections: number;
  readonly hashrate: number;
  readonly submits: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly workers: StateCounts;
}

export interface Attention {
  readonly level: 'critical' | 'warning';
  readonly text: string;
  readonly view: string;
  readonly client_id?: string;
}

/** The whole at one moment; comes every two seconds. */
export interface Snapshot {
  readonly at: string;
  readonly role: 'admin' | 'client';
  readonly client_id: string | null;
  readonly version: string;
  readonly operator_name: string | null;
  readonly uptime_s: number;
  readonly state: string;
  readonly active_connections: number;
  readonly max_connections: number | null;
  readonly hashrate: number;
  readonly submits: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly unknown: number;
  readonly unanswered: number;
  readonly rejected_by: Readonly<Record<string, number>>;
  /** Shares by what their hashes say; null where none was looked at. */
  readonly audit: {
    readonly valid: number;
    readonly below_target: number;
    readonly duplicate: number;
    readonly unchecked: number;
    readonly valid_refused: number;
    readonly worthless_accepted: number;
    readonly blocks: number;
  } | null;
  readonly workers: StateCounts;
  readonly ledger_lag_s: number;
  readonly pools: readonly Pool[];
  readonly attention: readonly Attention[];
  readonly clients: readonly ClientRow[];
}

export interface Worker {
  readonly client_id: string;
  readonly worker: string;
  readonly state: WorkerState;
  readonly sessions: number;
  readonly agent: string | null;
  readonly difficulty: number | null;
  readonly hashrate_10m: number;
  readonly hashrate_1h: number;
  readonly hashrate_24h: number;
  readonly error_10m: number | null;
  readonly error_1h: number | null;
  readonly error_24h: number | null;
  readonly accepted_24h: number;
  readonly rejected_24h: number;
  readonly stale_24h: number;
  readonly last_share_at: string | null;
  readonly last_seen_at: string;
}

export interface WorkersAnswer {
  readonly workers: readonly Worker[];
  readonly next_cursor: string | null;
  readonly counts: StateCounts;
}

export interface HistoryAnswer {
  readonly points: readonly {
    readonly at: string;
    readonly hashrate: number;
    readonly accepted: number;
    readonly rejected: number;
    readonly reject_rate: number | null;
    readonly workers: number;
  }[];
}

export interface Session {
  readonly session_id: string;
  readonly client_id: string;
  readonly workers: readonly string[];
  readonly dialect: string | null;
  readonly difficulty: number | null;
  readonly hashrate_estimate: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly age_s: number;
  readonly source: string;
  readonly pool_host: string;
  /** Whom its job would pay; null where that is not known. */
  readonly payouts: {
    readonly outputs: readonly { readonly address: string | null; readonly script: string }[];
    readonly more: number;
    readonly pays_client: boolean | null;
  } | null;
}

export interface BlocksAnswer {
  readonly blocks: readonly {
    readonly found_at: string;
    readonly height: number | null;
    readonly hash: string;
    readonly client_id: string;
    readonly worker: string | null;
    readonly pool_host: string;
    readonly job: string;
    readonly outcome: string;
  }[];
  readonly next_cursor: string | null;
}

export interface SessionsAnswer {
  readonly sessions: readonly Session[];
  readonly next_cursor: string | null;
}

export interface Refused {
  readonly refused: readonly {
    readonly reason: string;
    readonly address: string;
    readonly listener: string;
    readonly client_id: string | null;
    readonly count: number;
    readonly last_at: string;
  }[];
}

export interface UsageAnswer {
  readonly rows: readonly Readonly<Record<string, string>>[];
}

export interface Statement {
  readonly client_id: string;
  readonly month: string;
  readonly closed: { readonly closed_at: string; readonly sha256: string } | null;
  readonly usage: Readonly<Record<string, string>>;
  readonly reject_rate: string;
  readonly uptime: { readonly ratio: string | null; readonly workers?: number };
  readonly amounts: {
    readonly currency: string;
    readonly lines: readonly { readonly item: string; readonly quantity: string; readonly amount: string }[];
  } | null;
  readonly total: string | null;
  readonly signature: { readonly key_id: string; readonly value: string } | null;
}
