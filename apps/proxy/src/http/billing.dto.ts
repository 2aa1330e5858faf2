import { ApiProperty } from '@nestjs/swagger';
import type {
  ClosedPeriod,
  DocumentSignature,
  Signed,
  Statement,
  Uptime,
  UsageRow,
} from '@mining-proxy/billing';

const NUMBERS = 'Exact decimal text';

/** A page of usage. */
export class UsageAnswer {
  @ApiProperty({
    type: 'array',
    items: { type: 'object', additionalProperties: { type: 'string' } },
    description: `The columns of \`group_by\` and all numbers of the group. ${NUMBERS}`,
  })
  rows!: readonly UsageRow[];

  @ApiProperty({ type: String, nullable: true, description: 'null on the last page' })
  next_cursor!: string | null;
}

/** Who has signed, and the signature. */
export class SignatureAnswer implements DocumentSignature {
  @ApiProperty({ enum: ['Ed25519'] })
  algorithm!: 'Ed25519';

  @ApiProperty({
    description: 'The first 16 hexadecimal digits of the SHA-256 of the public key (SPKI in DER)',
  })
  key_id!: string;

  @ApiProperty({ description: 'Over the canonical JSON (RFC 8785) of all other members; base64' })
  value!: string;
}

/** A month that was closed. */
export class ClosedPeriodView implements ClosedPeriod {
  @ApiProperty({ example: '2026-11' })
  month!: string;

  @ApiProperty()
  closed_at!: string;

  @ApiProperty({ description: 'Rows of all clients that it has' })
  rows!: number;

  @ApiProperty({ description: 'Over all these rows, in the order of their keys' })
  sha256!: string;

  @ApiProperty({ type: [String], description: 'Journals that were not waited for' })
  without!: readonly string[];
}

/** A month that was closed, signed. */
export class ClosedPeriodAnswer extends ClosedPeriodView implements Signed<ClosedPeriod> {
  @ApiProperty({
    type: SignatureAnswer,
    nullable: true,
    description: 'null without `billing.signing_key_file`',
  })
  signature!: DocumentSignature | null;
}

/** How long a client's machines were connected in a month. */
export class UptimeAnswer implements Uptime {
  @ApiProperty({ description: 'What all sessions lasted, together' })
  session_seconds!: string;

  @ApiProperty({ description: 'For each worker the time in which it had a session, added' })
  connected_seconds!: string;

  @ApiProperty({ description: 'For each worker the time of the month since it was first seen in it, added' })
  elapsed_seconds!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: "The mean of the workers' connected / elapsed; null where none was connected",
  })
  ratio!: string | null;

  @ApiProperty({
    type: Number,
    required: false,
    description:
      'How many workers that is; absent in months that were closed when uptime was not by worker yet',
  })
  workers?: number;
}

/** A client's month. Times are UTC, the interval is half-open, numbers are exact decimal text. */
export class StatementAnswer implements Signed<Statement> {
  @ApiProperty()
  client_id!: string;

  @ApiProperty({ example: '2026-11' })
  month!: string;

  @ApiProperty()
  from!: string;

  @ApiProperty()
  to!: string;

  @ApiProperty({
    type: ClosedPeriodView,
    nullable: true,
    description: 'null while its numbers may still grow',
  })
  closed!: ClosedPeriod | null;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  usage!: Statement['usage'];

  @ApiProperty({ description: 'Rejected of those answered with a yes or a no' })
  reject_rate!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  reject_rate_by_reason!: Statement['reject_rate_by_reason'];

  @ApiProperty({ type: UptimeAnswer })
  uptime!: Statement['uptime'];

  @ApiProperty({ type: 'array', items: { type: 'object' }, description: 'Of earlier, closed months' })
  corrections!: Statement['corrections'];

  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description: 'null without rates',
  })
  amounts!: Statement['amounts'];

  @ApiProperty({ type: String, nullable: true, description: 'Amounts and corrections; null without rates' })
  total!: string | null;

  @ApiProperty({ type: 'array', items: { type: 'object' }, description: 'How far each journal was folded' })
  journals!: Statement['journals'];

  @ApiProperty({
    type: SignatureAnswer,
    nullable: true,
    description: 'null without `billing.signing_key_file`',
  })
  signature!: DocumentSignature | null;
}
