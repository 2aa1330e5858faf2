import { Controller, Get, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Meters, type SessionTotals } from '@mining-proxy/billing';
import { Relay, type PoolView } from '@mining-proxy/relay';
import { NeedsToken } from './access.guard';
import { ApiProblems } from './problem.dto';
import { PoolDetails, PoolStatus, PoolsAnswer } from './status.dto';

/** `GET /pools`, and taking one out of use and back by hand. For administrators. */
@Controller('pools')
@ApiTags('pools')
@ApiBearerAuth()
export class PoolsController {
  constructor(
    private readonly relay: Relay,
    private readonly meters: Meters,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All pools: state and since when, sessions, latencies' })
  @ApiOkResponse({ type: PoolsAnswer })
  @ApiProblems(401, 403, 429)
  pools(): PoolsAnswer {
    return { pools: this.all() };
  }

  @Post(':name/drain')
  @NeedsToken()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Takes a pool out of use: no new sessions, and those that it has are closed in order, spread',
  })
  @ApiOkResponse({ type: PoolDetails })
  @ApiProblems(401, 403, 404, 429)
  drain(@Param('name') name: string): PoolDetails {
    return this.after(name, this.relay.drainPool(name));
  }

  @Post(':name/resume')
  @NeedsToken()
  @HttpCode(200)
  @ApiOperation({ summary: 'Takes a pool back into use; it gets sessions while its health is good' })
  @ApiOkResponse({ type: PoolDetails })
  @ApiProblems(401, 403, 404, 429)
  resume(@Param('name') name: string): PoolDetails {
    return this.after(name, this.relay.resumePool(name));
  }

  private all(): readonly PoolDetails[] {
    const { totals } = this.meters;
    return this.relay.pools.map((pool) => PoolDetails.of(pool, answerSecondsOf(totals, pool)));
  }

  private after(name: string, isKnown: boolean): PoolDetails {
    const pool = isKnown ? this.all().find((one) => one.name === name) : undefined;
    if (pool) return pool;
    const names = this.relay.pools.map((one) => one.name).join(', ');
    throw new NotFoundException(`No pool has this name; there are: ${names}.`);
  }
}

/** The pools as they stand, as anybody may see them. */
export function poolsOf({ pools }: Relay, { totals }: Meters): readonly PoolStatus[] {
  return pools.map((pool) => PoolStatus.of(pool, answerSecondsOf(totals, pool)));
}

function answerSecondsOf({ responseSeconds }: SessionTotals, { poolHost }: PoolView): number | undefined {
  return responseSeconds.get(poolHost)?.recent;
}
