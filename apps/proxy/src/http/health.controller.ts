import { Controller, Get, Res } from '@nestjs/common';
import { SkipThrottle } from '@nestjs/throttler';
import type { Response } from 'express';
import { Open } from './access.guard';
import { Readiness, type ReadinessReport } from './readiness';

/** For those who watch the process: is it alive, and may it get new miners. */
@Controller()
@Open()
@SkipThrottle()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** An answer says that the event loop turns; that is all that a restart could mend. */
  @Get('healthz')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  ready(@Res({ passthrough: true }) response: Response): ReadinessReport {
    const report = this.readiness.report();
    response.status(report.ready ? 200 : 503);
    return report;
  }
}
