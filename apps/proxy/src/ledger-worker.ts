import { parentPort, workerData } from 'node:worker_threads';
import { runLedgerWorker, type LedgerOptions } from '@mining-proxy/billing/ledger';
import { stepBack } from './thread-priority';

if (!parentPort) throw new Error('This file is the thread of the ledger: main.js starts it.');

stepBack();
runLedgerWorker(workerData as LedgerOptions, parentPort);
