import { Controller, Get, Res, SetMetadata } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PrometheusController } from '@willsoto/nestjs-prometheus';

/** Marks the route for whoever guards it: `/metrics` is open unless a token of its own is set. */
export const METRICS_ROUTE = 'metrics-route';

/** `GET /metrics`, in Prometheus' text format. */
@Controller()
@SetMetadata(METRICS_ROUTE, true)
@ApiTags('metrics')
export class MetricsController extends PrometheusController {
  @Get()
  @ApiOperation({ summary: 'All metrics at one moment' })
  @ApiOkResponse({
    content: { 'text/plain': { schema: { type: 'string' } } },
    description: "Prometheus' text format, version 0.0.4",
  })
  override index(@Res({ passthrough: true }) response: unknown): Promise<string> {
    return super.index(response);
  }
}
