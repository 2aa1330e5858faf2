import { ApiProperty } from '@nestjs/swagger';
import type { ClientNumbers } from '@mining-proxy/billing';
import type { PoolState, PoolView, RelayState } from '@mining-proxy/relay';

const POOL_STATES: readonly PoolState[] = ['up', 'down', 'drained'];
const STATES: readonly RelayState[] = ['idle', 'listening', 'draining', 'closed'];

/** A pool as `/status` shows it, and `/pools` with more. */
export class PoolStatus {
  @ApiProperty()
  name!: string;

  @ApiProperty({ example: 'pool.example.com:3333' })
  pool_host!: string;

  @ApiProperty({ enum: POOL_STATES, description: '`drained`: taken out of use by hand' })
  state!: PoolState;

  @ApiProperty({ description: 'Whether its health is good, also where it is drained' })
  up!: boolean;

  @ApiProperty({ description: 'Since when it is in its state' })
  since!: string;

  @ApiProperty()
  priority!: number;

  @ApiProperty()
  weight!: number;

  @ApiProperty({ description: 'Open sessions' })
  sessions!: number;

  @ApiProperty({ description: 'Sessions that its trouble moved away from it' })
  failovers!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds of the last dial that went well' })
  dial_latency_ms!: number | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Milliseconds in which it answers requests, the mean of about the last hundred',
  })
  answer_latency_ms!: number | null;

  /** `answerSeconds`: in which it answered lately. */
  static of(pool: PoolView, answerSeconds: number | undefined): PoolStatus {
    return {
      name: pool.name,
      pool_host: pool.poolHost,
      state: pool.state,
      up: pool.up,
      since: new Date(pool.since).toISOString(),
      priority: pool.priority,
      weight: pool.weight,
      sessions: pool.sessions,
      failovers: pool.failovers,
      dial_latency_ms: rounded(pool.dialLatencyMs),
      answer_latency_ms: rounded(answerSeconds && answerSeconds * 1000),
    };
  }
}

/** To a thousandth of a millisecond. */
function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 1000) / 1000;
}

/** A pool as `/pools` shows it: why it is in its state may name what is nobody else's business. */
export class PoolDetails extends PoolStatus {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why it is in its state; null while nothing has happened',
  })
  reason!: string | null;

  static override of(pool: PoolView, answerSeconds: number | undefined): PoolDetails {
    return Object.assign(PoolStatus.of(pool, answerSeconds), { reason: pool.reason ?? null });
  }
}

/** All pools. */
export class PoolsAnswer {
  @ApiProperty({ type: [PoolDetails] })
  pools!: readonly PoolDetails[];
}

/** What was counted since the process began. */
export class StatusTotals {
  @ApiProperty({ description: 'Sessions so far; one counts as soon as its client is settled' })
  connections!: number;

  @ApiProperty({ description: 'Sessions that are open now' })
  active_connections!: number;

  @ApiProperty({ description: 'Bytes from miners to the pool' })
  bytes_sent!: number;

  @ApiProperty({ description: 'Bytes from the pool to miners' })
  bytes_received!: number;

  @ApiProperty({ description: 'Shares that miners sent' })
  submits!: number;

  @ApiProperty({ description: 'Shares that the pool accepted, as stale included' })
  accepted!: number;

  @ApiProperty({ description: 'Accepted, but flagged as stale by the pool' })
  accepted_stale!: number;

  @ApiProperty({ description: 'Shares that the pool rejected' })
  rejected!: number;

  @ApiProperty({ description: 'Answered, but nobody can read how' })
  unknown!: number;

  @ApiProperty({ description: 'Shares that no answer will settle any more' })
  unanswered!: number;

  @ApiProperty({ description: 'Shares that wait for their answer' })
  in_flight!: number;

  @ApiProperty({ description: 'Sum of the difficulties of accepted shares' })
  accepted_difficulty!: number;

  @ApiProperty({ description: 'Hashes that accepted shares are expected to have taken' })
  accepted_hashes!: number;

  static of(clients: readonly ClientNumbers[]): StatusTotals {
    const sum = (value: (numbers: ClientNumbers) => number) =>
      clients.reduce((total, numbers) => total + value(numbers), 0);
    return {
      connections: sum((n) => n.connections),
      active_connections: sum((n) => n.activeConnections),
      bytes_sent: sum((n) => n.bytesSent),
      bytes_received: sum((n) => n.bytesReceived),
      submits: sum((n) => n.counts.submits),
      accepted: sum((n) => n.counts.accepted),
      accepted_stale: sum((n) => n.counts.acceptedStale),
      rejected: sum((n) => n.counts.rejected),
      unknown: sum((n) => n.counts.unknown),
      unanswered: sum((n) => n.counts.unanswered),
      in_flight: sum((n) => n.sharesInFlight),
      accepted_difficulty: sum((n) => n.counts.acceptedDifficulty),
      accepted_hashes: sum((n) => n.counts.acceptedHashes),
    };
  }
}

/** The same of one client at one pool. */
export class ClientStatus extends StatusTotals {
  @ApiProperty({ description: '`unassigned` holds the sessions whose client is not known' })
  client_id!: string;

  @ApiProperty({ example: 'pool.example.com:3333' })
  pool_host!: string;

  static ofClient(numbers: ClientNumbers): ClientStatus {
    const whose = { client_id: numbers.clientId, pool_host: numbers.poolHost };
    return Object.assign(whose, StatusTotals.of([numbers]));
  }
}

/** One look at the whole proxy. */
export class StatusAnswer {
  @ApiProperty()
  version!: string;

  @ApiProperty({ description: '`proxy.instance_id`' })
  instance_id!: string;

  @ApiProperty({ description: 'Seconds since the process began' })
  uptime_s!: number;

  @ApiProperty({ enum: STATES, description: 'Of the listeners for miners' })
  state!: RelayState;

  @ApiProperty({ description: 'Open sessions' })
  active_connections!: number;

  @ApiProperty({ description: 'Sessions at one time, at most' })
  max_connections!: number;

  @ApiProperty({ type: [PoolStatus] })
  pools!: readonly PoolStatus[];

  @ApiProperty({ type: StatusTotals })
  totals!: StatusTotals;

  @ApiProperty({ type: [ClientStatus], required: false, description: 'For administrators only' })
  clients?: readonly ClientStatus[];
}
