import { Controller, SetMetadata } from '@nestjs/common';
import { PrometheusController } from '@willsoto/nestjs-prometheus';

/** Marks the route for whoever guards it: `/metrics` is open unless a token of its own is set. */
export const METRICS_ROUTE = 'metrics-route';

/** `GET /metrics`, in Prometheus' text format. */
@Controller()
@SetMetadata(METRICS_ROUTE, true)
export class MetricsController extends PrometheusController {}
