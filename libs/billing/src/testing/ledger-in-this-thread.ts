import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { LedgerWorkerPort, MakeLedgerPort } from '../lib/ledger/thread/ledger-thread';
import { runLedgerWorker } from '../lib/ledger/thread/ledger-worker';
import { UsageStore } from '../lib/usage-store';

/** The ledger without a thread: tests run from source, where there is no built file to start one from. */
export const ledgerInThisThread: MakeLedgerPort = (options) => {
  const { port1, port2 } = new MessageChannel();
  runLedgerWorker(options, port2);
  const port = {
    postMessage: (message: unknown) => port1.postMessage(message),
    on: (event: string, listener: (value: unknown) => void) =>
      event === 'exit' ? port1.on('close', () => listener(0)) : port1.on(event, listener),
    terminate: () => port1.close(),
  };
  return port as LedgerWorkerPort;
};

const SILENT = { info: () => undefined, error: () => undefined };

/** A store of usage in a new directory, or in the one given. */
export function testUsageStore(
  dataDirectory = mkdtempSync(join(tmpdir(), 'mining-proxy-usage-')),
): UsageStore {
  const options = {
    dataDirectory,
    databaseUrl: null,
    journalRetentionDays: 35,
    journalMaxBytes: 1e9,
    sessionsRetentionDays: 400,
    rates: null,
    instance: 'test',
  };
  return UsageStore.open(options, ledgerInThisThread, SILENT);
}
