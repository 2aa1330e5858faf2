import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiQuery, ApiTags } from '@nestjs/swagger';
import { UsageStore, type ListedBlock } from '@mining-proxy/billing';
import { ForClients, ViewedBy, Viewer } from '../http/access.guard';
import { ApiProblems } from '../http/problem.dto';
import { textOf, wholeNumberOf } from './parameters';

const LIMIT = { absent: 100, min: 1, max: 1_000 };
const OUTCOMES: readonly ListedBlock['outcome'][] = ['accepted', 'rejected', 'unanswered'];

/** A share that meets the network's target of its job. */
export class BlockSummary {
  @ApiProperty({ example: '2026-11-01T05:12:31.204Z' })
  found_at!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'As the coinbase says; null where it does not' })
  height!: number | null;

  @ApiProperty({ description: 'Of the header, as block explorers have it' })
  hash!: string;

  @ApiProperty()
  client_id!: string;

  @ApiProperty({ type: String, nullable: true })
  worker!: string | null;

  @ApiProperty({ example: 'pool.example.com:3333' })
  pool_host!: string;

  @ApiProperty({ description: 'In the words of the pool' })
  job!: string;

  @ApiProperty({ enum: OUTCOMES, description: 'What the pool said of the share' })
  outcome!: string;

  static of({ foundAt, height, hash, clientId, worker, pool, job, outcome }: ListedBlock): BlockSummary {
    const found_at = new Date(foundAt).toISOString();
    return { found_at, height, hash, client_id: clientId, worker, pool_host: pool, job, outcome };
  }
}

/** A page of blocks, the newest first. */
export class BlocksAnswer {
  @ApiProperty({ type: [BlockSummary] })
  blocks!: readonly BlockSummary[];

  @ApiProperty({ type: String, nullable: true, description: 'null on the last page' })
  next_cursor!: string | null;
}

/** `GET /blocks`: what the audit found to be one. */
@Controller()
@ApiTags('billing')
@ApiBearerAuth()
export class BlocksController {
  constructor(private readonly store: UsageStore) {}

  @Get('blocks')
  @ForClients()
  @ApiOperation({ summary: "Block candidates: shares that meet the network's target, out of the ledger" })
  @ApiQuery({ name: 'client_id', required: false })
  @ApiQuery({ name: 'limit', required: false, description: `1 to ${LIMIT.max}; ${LIMIT.absent} if absent` })
  @ApiQuery({ name: 'cursor', required: false, description: '`next_cursor` of the page before' })
  @ApiOkResponse({ type: BlocksAnswer })
  @ApiProblems(400, 401, 403, 429, 503)
  async blocks(
    @ViewedBy() viewer: Viewer,
    @Query() parameters: Readonly<Record<string, unknown>>,
  ): Promise<BlocksAnswer> {
    const { blocks, cursor } = await this.store.reports.blocks({
      clientId: viewer.clientId(textOf('client_id', parameters.client_id)),
      limit: wholeNumberOf('limit', parameters.limit, LIMIT),
      cursor: textOf('cursor', parameters.cursor),
    });
    return { blocks: blocks.map((block) => BlockSummary.of(block)), next_cursor: cursor };
  }
}
