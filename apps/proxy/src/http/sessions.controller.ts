import { Controller, Delete, Get, HttpCode, NotFoundException, Param, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { Meters, UNASSIGNED } from '@mining-proxy/billing';
import { Relay } from '@mining-proxy/relay';
import { textOf, wholeNumberOf } from '../billing/parameters';
import { RecentRefusals } from '../relay/recent-refusals';
import { ForClients, NeedsToken, ViewedBy, Viewer } from './access.guard';
import { ApiProblems } from './problem.dto';
import { ClosingAnswer, RefusalList, SessionPage, SessionSummary } from './session-page.dto';

const LIMIT = { absent: 100, min: 1, max: 1_000 };
const CURSOR = { absent: 0, min: 0, max: Number.MAX_SAFE_INTEGER };

/** The sessions that are open now, who was turned away, and closing by hand. */
@Controller()
@ApiTags('sessions')
@ApiBearerAuth()
export class SessionsController {
  constructor(
    private readonly meters: Meters,
    private readonly relay: Relay,
    private readonly refusals: RecentRefusals,
  ) {}

  @Get('sessions')
  @ForClients()
  @ApiOperation({ summary: 'Open sessions in the order of their accept' })
  @ApiQuery({ name: 'client_id', required: false, description: 'Only the sessions of this client' })
  @ApiQuery({ name: 'limit', required: false, description: `1 to ${LIMIT.max}; ${LIMIT.absent} if absent` })
  @ApiQuery({ name: 'cursor', required: false, description: '`next_cursor` of the page before' })
  @ApiOkResponse({ type: SessionPage })
  @ApiProblems(400, 401, 403, 429)
  sessions(
    @ViewedBy() viewer: Viewer,
    @Query('client_id') clientId?: string,
    @Query('limit') limit?: string,
    @Query('cursor') cursor?: string,
  ): SessionPage {
    const size = wholeNumberOf('limit', limit, LIMIT);
    const after = wholeNumberOf('cursor', cursor, CURSOR);
    const shown = viewer.clientId(textOf('client_id', clientId));
    const page = this.meters.list({ after, limit: size, clientId: shown });
    const last = page.at(-1);
    return {
      sessions: page.map((session) => SessionSummary.of(session)),
      next_cursor: page.length === size && last ? String(last.serial) : null,
    };
  }

  @Get('sessions/refused')
  @ApiOperation({ summary: 'Who was turned away lately, and why; the last comes first' })
  @ApiOkResponse({ type: RefusalList })
  @ApiProblems(401, 403, 429)
  refused(): RefusalList {
    return RefusalList.of(this.refusals);
  }

  @Delete('sessions/:id')
  @NeedsToken()
  @HttpCode(202)
  @ApiOperation({ summary: 'Closes a session in order: answers to its shares are waited for' })
  @ApiAcceptedResponse({ type: ClosingAnswer })
  @ApiProblems(401, 403, 404, 429)
  close(@Param('id') id: string): ClosingAnswer {
    if (this.relay.closeSession(id)) return { closing: 1 };
    throw new NotFoundException('No session that is open has this id.');
  }

  @Delete('clients/:client_id/sessions')
  @NeedsToken()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Closes all sessions of a client in order, spread over `failover.failover_spread_ms`',
  })
  @ApiAcceptedResponse({ type: ClosingAnswer })
  @ApiProblems(401, 403, 429)
  closeAll(@Param('client_id') clientId: string): ClosingAnswer {
    return { closing: this.relay.closeSessionsOf(clientId === UNASSIGNED ? undefined : clientId) };
  }
}
