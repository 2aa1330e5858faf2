export { METRICS_ROUTE, MetricsController } from './lib/metrics.controller';
export { MetricsModule } from './lib/metrics.module';
