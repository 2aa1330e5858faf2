export { BillingModule } from './lib/billing.module';
export { ClientDirectory, UNASSIGNED } from './lib/identity/client-directory';
export type { ClientNumbers } from './lib/metering/client-meter';
export { LatencyHistogram } from './lib/metering/latency-histogram';
export type { MeteredSession } from './lib/metering/metered-session';
export {
  Meters,
  OVERFLOW,
  type MeterReading,
  type MetersOptions,
  type SessionQuery,
} from './lib/metering/meters';
export type { CountedDialect, SessionTotals } from './lib/metering/session-totals';
export type { ShareCounts } from './lib/metering/share-counts';
