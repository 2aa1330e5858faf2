import { ApiProperty } from '@nestjs/swagger';
import { UNASSIGNED, type MeteredSession, type Verdict } from '@mining-proxy/billing';
import { REJECTION_CAUSES, type RejectionCause } from '@mining-proxy/relay';
import type { RecentRefusals } from '../relay/recent-refusals';

/** One output of a coinbase. */
export class PayoutOutput {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'As Bitcoin spells it, or Litecoin for scrypt; null where the script has no usual form',
  })
  address!: string | null;

  @ApiProperty({ description: 'Hexadecimal' })
  script!: string;

  @ApiProperty({ description: "In the chain's smallest unit", example: '312500000' })
  value!: string;
}

/** Whom the newest job of a session would pay, by its coinbase. */
export class SessionPayouts {
  @ApiProperty({ type: Number, nullable: true, description: 'Of the block; null where it is not said' })
  height!: number | null;

  @ApiProperty({ type: [PayoutOutput], description: 'At most 20' })
  outputs!: readonly PayoutOutput[];

  @ApiProperty({ description: 'Outputs beyond those' })
  more!: number;

  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: "Whether one is of the client's `payout_addresses`; null where it has none",
  })
  pays_client!: boolean | null;
}

/** One open session as `/sessions` shows it. */
export class SessionSummary {
  @ApiProperty({ description: 'As in the log' })
  session_id!: string;

  @ApiProperty({ description: '`unassigned` while nobody is known' })
  client_id!: string;

  @ApiProperty({
    type: [String],
    description: 'Workers that tried to log in, in order; at most 20 are shown',
  })
  workers!: readonly string[];

  @ApiProperty({ type: String, nullable: true, description: 'What the miner speaks' })
  dialect!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Difficulty of the next job' })
  difficulty!: number | null;

  @ApiProperty({ description: 'Hashes per second, from the work of accepted shares over about ten minutes' })
  hashrate_estimate!: number;

  @ApiProperty()
  submits!: number;

  @ApiProperty()
  accepted!: number;

  @ApiProperty()
  rejected!: number;

  @ApiProperty({ description: 'Answered, but nobody can read how' })
  unknown!: number;

  @ApiProperty()
  unanswered!: number;

  @ApiProperty()
  in_flight!: number;

  @ApiProperty({ description: 'Requests of the miner that nobody here knows' })
  unknown_requests!: number;

  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: { type: 'number' },
    description:
      'Shares by what the audit found: valid, below_target, duplicate, unchecked; null where it is off',
  })
  audit!: Readonly<Record<Verdict, number>> | null;

  @ApiProperty({
    type: SessionPayouts,
    nullable: true,
    description: 'null where there is no job yet, or its coinbase cannot be read',
  })
  payouts!: SessionPayouts | null;

  @ApiProperty({ description: 'Bytes from the miner to the pool' })
  bytes_sent!: number;

  @ApiProperty({ description: 'Bytes from the pool to the miner' })
  bytes_received!: number;

  @ApiProperty({ description: 'Seconds since accept' })
  age_s!: number;

  @ApiProperty({ example: '192.0.2.7:51234' })
  source!: string;

  @ApiProperty()
  listener!: string;

  @ApiProperty({ example: 'pool.example.com:3333' })
  pool_host!: string;

  static of(session: MeteredSession): SessionSummary {
    const { view, counts } = session;
    return {
      session_id: view.id,
      client_id: session.clientId ?? UNASSIGNED,
      workers: session.workers.slice(0, SHOWN_WORKERS),
      dialect: session.dialect,
      difficulty: session.difficulty,
      hashrate_estimate: session.hashrate.perSecond(view.durationMs),
      submits: counts.submits,
      accepted: counts.accepted,
      rejected: counts.rejected,
      unknown: counts.unknown,
      unanswered: counts.unanswered,
      in_flight: session.sharesInFlight(),
      unknown_requests: session.unknownRequests,
      audit: session.audit ? { ...session.audit.verdicts } : null,
      payouts: payoutsOf(session),
      bytes_sent: view.bytesToUpstream,
      bytes_received: view.bytesToDownstream,
      age_s: Math.floor(view.durationMs / 1000),
      source: sourceOf(view),
      listener: view.listener,
      pool_host: view.poolHost,
    };
  }
}

const SHOWN_WORKERS = 20;

function payoutsOf({ audit }: MeteredSession): SessionPayouts | null {
  const shown = audit?.payouts.shown;
  if (!shown) return null;
  const { height, outputs, more, paysClient } = shown;
  return {
    height,
    outputs: outputs.map(({ value, ...output }) => ({ ...output, value: value.toString() })),
    more,
    pays_client: paysClient,
  };
}

function sourceOf({ remoteAddress, remotePort }: MeteredSession['view']): string {
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}

/** A page of sessions, and where the next one begins. */
export class SessionPage {
  @ApiProperty({ type: [SessionSummary] })
  sessions!: readonly SessionSummary[];

  @ApiProperty({ type: String, nullable: true, description: 'null on the last page' })
  next_cursor!: string | null;
}

/** How many sessions were told to close; they do so when their shares are answered. */
export class ClosingAnswer {
  @ApiProperty()
  closing!: number;
}

/** Connections of one address that were turned away for one reason. */
export class RefusalSummary {
  @ApiProperty({ enum: REJECTION_CAUSES })
  reason!: RejectionCause;

  @ApiProperty({ example: '192.0.2.7' })
  address!: string;

  @ApiProperty()
  listener!: string;

  @ApiProperty({ type: String, nullable: true, description: 'null where it was not known' })
  client_id!: string | null;

  @ApiProperty({ description: 'How many, as long as they are on this list' })
  count!: number;

  @ApiProperty()
  first_at!: string;

  @ApiProperty()
  last_at!: string;
}

/** Who was turned away lately. */
export class RefusalList {
  @ApiProperty({ type: [RefusalSummary], description: 'At most 200; the oldest fall off' })
  refused!: readonly RefusalSummary[];

  static of(refusals: RecentRefusals): RefusalList {
    const refused = refusals
      .list()
      .map(({ cause, remoteAddress, listener, clientId, count, firstAt, lastAt }) => ({
        reason: cause,
        address: remoteAddress,
        listener,
        client_id: clientId ?? null,
        count,
        first_at: new Date(firstAt).toISOString(),
        last_at: new Date(lastAt).toISOString(),
      }));
    return { refused };
  }
}
