import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MakeLedgerPort } from '@mining-proxy/billing';

/** Starts the ledger in a thread of its own; the build puts its file beside this one. */
export const ledgerThread: MakeLedgerPort = (options) =>
  new Worker(join(__dirname, 'ledger-worker.js'), { workerData: options, name: 'ledger' });
