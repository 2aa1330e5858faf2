import { Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GROUPINGS, UsageStore } from '@mining-proxy/billing';
import { csvOf, statementTable } from '../billing/csv';
import { listOf, type Parameters } from '../billing/parameters';
import { usageCsv } from '../billing/usage-pages';
import { formatOf, usageQueryOf } from '../billing/usage-question';
import { StatementSigner } from '../billing/statement-signer';
import { ForClients, NeedsToken, ViewedBy, Viewer } from './access.guard';
import { ClosedPeriodAnswer, StatementAnswer, UsageAnswer } from './billing.dto';
import { ApiProblems } from './problem.dto';

/** `/billing`: usage, statements and the close of a month, from the ledger. For administrators. */
@Controller('billing')
@ApiTags('billing')
@ApiBearerAuth()
export class BillingController {
  constructor(
    private readonly store: UsageStore,
    private readonly signer: StatementSigner,
  ) {}

  @Get('usage')
  @ForClients()
  @ApiOperation({ summary: 'Usage between two hours, summed by groups' })
  @ApiQuery({
    name: 'from',
    required: false,
    description: 'First hour, UTC: 2026-11-01 or 2026-11-01T05:00:00Z',
  })
  @ApiQuery({ name: 'to', required: false, description: 'Hour after the last' })
  @ApiQuery({ name: 'client_id', required: false })
  @ApiQuery({
    name: 'group_by',
    required: false,
    description: `Any of ${GROUPINGS.join(', ')}, comma between`,
  })
  @ApiQuery({
    name: 'limit',
    required: false,
    description: 'Rows of a JSON page, 1 to 10,000; 1,000 if absent',
  })
  @ApiQuery({ name: 'cursor', required: false, description: '`next_cursor` of the page before' })
  @ApiQuery({
    name: 'format',
    required: false,
    enum: ['json', 'csv'],
    description: 'CSV has all rows, in one',
  })
  @ApiOkResponse({ type: UsageAnswer })
  @ApiProblems(400, 401, 403, 429, 503)
  async usage(
    @ViewedBy() viewer: Viewer,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) response: Response,
  ): Promise<UsageAnswer | undefined> {
    const asked = usageQueryOf(parameters);
    const clientId = viewer.clientId(asked.clientId);
    const query = clientId === undefined ? asked : { ...asked, clientId };
    if (formatOf(parameters.format) === 'json') {
      const { rows, next } = await this.store.reports.usage(query);
      return { rows, next_cursor: next ?? null };
    }
    // The first page before the first byte: a question that cannot be answered gets its error.
    const pages = usageCsv(this.store.reports, query);
    const first = await pages.next();
    beginCsv(response, 'usage.csv');
    await pipeline(Readable.from(following(first, pages)), response).catch((error: unknown) => {
      // Whoever asked has gone: there is nobody to tell.
      if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
    return undefined;
  }

  @Get('statements/:client_id/:month')
  @ForClients()
  @ApiOperation({ summary: "A client's month, with amounts where `billing.rates` are set" })
  @ApiParam({ name: 'month', example: '2026-11' })
  @ApiQuery({ name: 'format', required: false, enum: ['json', 'csv'] })
  @ApiOkResponse({ type: StatementAnswer })
  @ApiProblems(400, 401, 403, 429, 503)
  async statement(
    @ViewedBy() viewer: Viewer,
    @Param('client_id') clientId: string,
    @Param('month') month: string,
    @Query('format') format: unknown,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StatementAnswer | undefined> {
    viewer.clientId(clientId);
    const asked = formatOf(format);
    const statement = await this.store.reports.statement(clientId, month);
    if (asked === 'json') return this.signer.sign(statement);
    beginCsv(response, `statement-${month}.csv`);
    response.end(csvOf(statementTable(statement), true));
    return undefined;
  }

  @Post('periods/:month/close')
  @NeedsToken()
  @HttpCode(200)
  @ApiOperation({ summary: 'Freezes a month for good; closing it again changes nothing' })
  @ApiParam({ name: 'month', example: '2026-11' })
  @ApiQuery({
    name: 'without',
    required: false,
    isArray: true,
    description: 'A journal that is not waited for; what it still has becomes corrections',
  })
  @ApiOkResponse({ type: ClosedPeriodAnswer })
  @ApiProblems(400, 401, 403, 409, 429, 503)
  async close(
    @Param('month') month: string,
    @Query('without') without: unknown,
  ): Promise<ClosedPeriodAnswer> {
    return this.signer.sign(await this.store.reports.close(month, listOf('without', without)));
  }
}

/** What was taken off the front, and the rest; a page is made when the one before it was taken by the network. */
async function* following<T>(
  first: IteratorResult<T, void>,
  rest: AsyncGenerator<T, void>,
): AsyncGenerator<T> {
  if (first.done !== true) yield first.value;
  yield* rest;
}

function beginCsv(response: Response, file: string): void {
  response.type('text/csv; charset=utf-8');
  response.setHeader('Content-Disposition', `attachment; filename="${file}"`);
}
