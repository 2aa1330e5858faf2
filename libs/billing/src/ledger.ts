// The second door: what the ledger's thread needs, and nothing of Nest.
export { runLedgerWorker } from './lib/ledger/thread/ledger-worker';
export type { LedgerOptions } from './lib/ledger/thread/ledger-service';
