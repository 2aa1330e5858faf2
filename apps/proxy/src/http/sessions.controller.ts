import { BadRequestException, Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Meters } from '@mining-proxy/billing';
import { SessionPage, SessionSummary } from './session-page.dto';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

/** `GET /sessions`: the sessions that are open now, page by page. For administrators. */
@Controller()
@ApiTags('sessions')
@ApiBearerAuth()
export class SessionsController {
  constructor(private readonly meters: Meters) {}

  @Get('sessions')
  @ApiOperation({ summary: 'Open sessions in the order of their accept' })
  @ApiQuery({ name: 'client_id', required: false, description: 'Only the sessions of this client' })
  @ApiQuery({ name: 'limit', required: false, description: `1 to ${MAX_LIMIT}; ${DEFAULT_LIMIT} if absent` })
  @ApiQuery({ name: 'cursor', required: false, description: '`next_cursor` of the page before' })
  @ApiOkResponse({ type: SessionPage })
  sessions(
    @Query('client_id') clientId?: string,
    @Query('limit') limit?: string,
    @Query('cursor') cursor?: string,
  ): SessionPage {
    const size = wholeNumber('limit', limit, DEFAULT_LIMIT, MAX_LIMIT);
    const after = wholeNumber('cursor', cursor, 0, Number.MAX_SAFE_INTEGER);
    const page = this.meters.list({ after, limit: size, clientId: text('client_id', clientId) });
    const last = page.at(-1);
    return {
      sessions: page.map((session) => SessionSummary.of(session)),
      next_cursor: page.length === size && last ? String(last.serial) : null,
    };
  }
}

/** A parameter given twice arrives as a list, whatever the declared type. */
function text(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new BadRequestException(`${name} is given more than once`);
}

function wholeNumber(name: string, given: unknown, absent: number, max: number): number {
  const value = text(name, given);
  if (value === undefined) return absent;
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (number >= (name === 'limit' ? 1 : 0) && number <= max) return number;
  throw new BadRequestException(`${name} must be a whole number, at most ${max}`);
}
