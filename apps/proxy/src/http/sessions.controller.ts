import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Meters } from '@mining-proxy/billing';
import { textOf, wholeNumberOf } from '../billing/parameters';
import { ApiProblems } from './problem.dto';
import { SessionPage, SessionSummary } from './session-page.dto';

const LIMIT = { absent: 100, min: 1, max: 1_000 };
const CURSOR = { absent: 0, min: 0, max: Number.MAX_SAFE_INTEGER };

/** `GET /sessions`: the sessions that are open now, page by page. For administrators. */
@Controller()
@ApiTags('sessions')
@ApiBearerAuth()
export class SessionsController {
  constructor(private readonly meters: Meters) {}

  @Get('sessions')
  @ApiOperation({ summary: 'Open sessions in the order of their accept' })
  @ApiQuery({ name: 'client_id', required: false, description: 'Only the sessions of this client' })
  @ApiQuery({ name: 'limit', required: false, description: `1 to ${LIMIT.max}; ${LIMIT.absent} if absent` })
  @ApiQuery({ name: 'cursor', required: false, description: '`next_cursor` of the page before' })
  @ApiOkResponse({ type: SessionPage })
  @ApiProblems(400, 401, 429)
  sessions(
    @Query('client_id') clientId?: string,
    @Query('limit') limit?: string,
    @Query('cursor') cursor?: string,
  ): SessionPage {
    const size = wholeNumberOf('limit', limit, LIMIT);
    const after = wholeNumberOf('cursor', cursor, CURSOR);
    const page = this.meters.list({ after, limit: size, clientId: textOf('client_id', clientId) });
    const last = page.at(-1);
    return {
      sessions: page.map((session) => SessionSummary.of(session)),
      next_cursor: page.length === size && last ? String(last.serial) : null,
    };
  }
}
