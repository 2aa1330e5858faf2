export { METRICS_ROUTE } from './lib/metrics.controller';
export { MetricsModule } from './lib/metrics.module';
