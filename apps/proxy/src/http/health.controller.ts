import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import type { Response } from 'express';
import { Open } from './access.guard';
import { HealthAnswer, ReadinessAnswer } from './health.dto';
import { ApiProblems } from './problem.dto';
import { Readiness } from './readiness';

/** For those who watch the process: is it alive, and may it get new miners. */
@Controller()
@Open()
@SkipThrottle()
@ApiTags('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** An answer says that the event loop turns; that is all that a restart could mend. */
  @Get('healthz')
  @ApiOperation({ summary: 'Whether the process is alive' })
  @ApiOkResponse({ type: HealthAnswer })
  @ApiProblems()
  health(): HealthAnswer {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ summary: 'Whether new miners may be sent here' })
  @ApiOkResponse({ type: ReadinessAnswer })
  @ApiServiceUnavailableResponse({
    type: ReadinessAnswer,
    description: 'Not now: `reasons` says why. The miners that are here stay',
  })
  @ApiProblems()
  ready(@Res({ passthrough: true }) response: Response): ReadinessAnswer {
    const report = this.readiness.report();
    response.status(report.ready ? 200 : 503);
    return report;
  }
}
