export type { ExportOptions } from './lib/export/export-options';
export { BillingModule, type BillingModuleOptions } from './lib/billing.module';
export { ClientDirectory, OVERFLOW, UNASSIGNED } from './lib/identity/client-directory';
export type { ClientNumbers } from './lib/metering/client-meter';
export { LatencyHistogram } from './lib/metering/latency-histogram';
export type { MeteredSession } from './lib/metering/metered-session';
export { Meters, type MeterReading, type MetersOptions, type SessionQuery } from './lib/metering/meters';
export type { CountedDialect, ReconnectRequest, SessionTotals } from './lib/metering/session-totals';
export type { ShareCounts } from './lib/metering/share-counts';
export { DataDirectoryInUseError, type DataLock } from './lib/journal/data-lock';
export type { Journal, JournalFault, JournalOptions, SyncedJournal } from './lib/journal/journal';
export { JournalUnusableError } from './lib/journal/journal-directory';
export { openJournal, type OpenJournal } from './lib/journal/open-journal';
export type { Fact, ShareOutcome } from './lib/journal/records/record';
export { shareWork, type ShareWork } from './lib/journal/records/share-work';
export type { AuditTally } from './lib/audit/audit-counts';
export { AuditTotals, DISPUTES, type Dispute } from './lib/audit/audit-counts';
export type { AuditOptions, BlockCandidate } from './lib/audit/audit-books';
export { VERDICTS, type Verdict } from './lib/audit/verdict';
export { BackupRefusedError, backUpLedger } from './lib/ledger/database/back-up';
export { ledgerLocation, type LedgerLocation } from './lib/ledger/database/database';
export { LedgerClient, LedgerError } from './lib/ledger/thread/ledger-client';
export type { LedgerPort } from './lib/ledger/thread/ledger-protocol';
export type { LedgerOptions, LedgerReports, LedgerStatus } from './lib/ledger/thread/ledger-service';
export type { LedgerWorkerPort, MakeLedgerPort } from './lib/ledger/thread/ledger-thread';
export { LedgerMissingError, openLedger, type LedgerPlace } from './lib/ledger/open-ledger';
export { REASONS, type Comparison, type Reason } from './lib/reconciliation/compare';
export { FILE_COLUMNS, type FileColumn, type GivenColumns } from './lib/reconciliation/csv-columns';
export { PoolFileError, visible } from './lib/reconciliation/file-faults';
export { readOffset } from './lib/reconciliation/file-time';
export { AMOUNT_PLACES, hashesIn, measureText, type Measure } from './lib/reconciliation/measure';
export { PoolDays } from './lib/reconciliation/pool-days';
export { readPoolFiles, type PoolFiles } from './lib/reconciliation/read-pool-files';
export {
  reconcile,
  type ReconciledRow,
  type Reconciliation,
  type ReconciliationOptions,
} from './lib/reconciliation/reconcile';
export { decimalText, parseDecimal, roundedQuotient, fixedText } from './lib/statement/decimal';
export type { ClosedPeriod } from './lib/statement/period';
export type { Amounts, RateCard, Rates } from './lib/statement/rates';
export {
  DocumentSigner,
  verifyDocument,
  type DocumentSignature,
  type Signed,
} from './lib/statement/signature';
export type { Statement } from './lib/statement/statement';
export type { Uptime } from './lib/statement/uptime';
export {
  GROUPINGS,
  type Grouping,
  type UsagePage,
  type UsageQuery,
  type UsageRow,
} from './lib/statement/usage-report';
export type { Verification } from './lib/statement/verify';
export { UsageStore, type UsageHealth, type UsageStoreOptions } from './lib/usage-store';
export type { BlocksPage, BlocksQuery, ListedBlock } from './lib/statement/blocks';
export type { ForeignPayout, PayoutWatch, ShownPayout, ShownPayouts } from './lib/audit/payouts';
export { HISTORY_STEPS, type HistoryPoint, type HistoryQuery } from './lib/statement/history';
export { WORKER_STATES, type WorkerRecord, type WorkerState } from './lib/workers/worker-record';
export {
  WORKER_SORTS,
  type RememberedWorker,
  type StateCounts,
  type WorkerPage,
  type WorkerQuery,
  type WorkerSort,
  type WorkerTable,
} from './lib/workers/worker-table';
export type { MeasuredRate } from './lib/workers/work-windows';
