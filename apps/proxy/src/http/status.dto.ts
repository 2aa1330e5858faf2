import { ApiProperty } from '@nestjs/swagger';
import type { ClientNumbers } from '@mining-proxy/billing';
import type { PoolView, RelayState } from '@mining-proxy/relay';

const STATES: readonly RelayState[] = ['idle', 'listening', 'draining', 'closed'];

/** A pool as `/status` shows it. */
export class PoolStatus {
  @ApiProperty({ example: 'pool.example.com:3333' })
  pool_host!: string;

  @ApiProperty({ description: 'false after several failed dials in a row' })
  up!: boolean;

  @ApiProperty({ description: 'Open sessions, those that are still dialling it included' })
  sessions!: number;

  static of({ poolHost, up, sessions }: PoolView): PoolStatus {
    return { pool_host: poolHost, up, sessions };
  }
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
