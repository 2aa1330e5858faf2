export { collectGarbage } from './garbage';
export * as stratum from './stratum-text';
export { POOL, client, numbersOf, sum, testMeters, type TestMetersOptions } from './test-meters';
export { TestSession, TestView } from './test-session';
export { ledgerInThisThread, testUsageStore } from './ledger-in-this-thread';
export { PostgresCluster, postgresMissing } from '../lib/ledger/testing/postgres-cluster';
