import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cpuMicroseconds, processTree, proportionalSetSize } from '../bench/processes.mjs';
import { startRelay } from '../bench/relay-process.mjs';
import { proxyCommand } from '../bench/relays/proxy.mjs';
import { startLoad } from '../bench/load-process.mjs';
import { nx } from '../run.mjs';
import { endOf, journalFigures } from './journal.mjs';
import { ledgerAt } from './ledgers.mjs';
import { report } from './report.mjs';

/**
 * `pnpm sizing`: what a miner costs. The built proxy with everything on, on one core, holds so many sessions, each of
 * which submits so often; then its ledger is lost, and folded again from the journal. Ends by itself within a few
 * minutes. With `--database-url` the ledger is in that PostgreSQL database, which has to be an empty one.
 */
const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '5000' },
    'shares-per-minute': { type: 'string', default: '12' },
    seconds: { type: 'string', default: '70' },
    'database-url': { type: 'string' },
  },
});
const sessions = Number(values.sessions);
const sharesPerMinute = Number(values['shares-per-minute']);
const seconds = Number(values.seconds);
const WARM_UP_S = 10;
const LONGEST_FOLD_MS = 300_000;
const LOOK_EVERY_MS = 20;

if (cpus().length < 2 || process.platform !== 'linux') {
  console.error('This needs Linux and two CPUs: one for the proxy, one for the load.');
  process.exit(1);
}
if ((await nx('run', 'proxy:build')) !== 0) process.exit(1);

const databaseUrl = values['database-url'];
if (databaseUrl) process.env.DATABASE_URL = databaseUrl;
const data = mkdtempSync(join(tmpdir(), 'mining-proxy-sizing-'));
const ledger = ledgerAt(data, databaseUrl);
try {
  await ledger.mustBeNew();
  const costs = await underLoad();
  const refold = await foldedAgain();
  report({ sessions, sharesPerMinute, ...costs, ...refold, database: databaseUrl ? 'PostgreSQL' : 'SQLite' });
} finally {
  await ledger.close();
  rmSync(data, { recursive: true, force: true });
}

/** Memory and CPU while the load lasts, and what it has left in the journal and the ledger. */
async function underLoad() {
  const submitsPerSecond = (sessions * sharesPerMinute) / 60;
  const times = { jobEveryMs: 30_000, warmUpMs: WARM_UP_S * 1000, measureMs: seconds * 1000 };
  const load = startLoad({ sessions, submitsPerSecond, ...times });
  const { poolPort } = await load.line((line) => line.poolPort);
  const proxy = await startProxy(poolPort);
  try {
    const pids = processTree(proxy.pid);
    const emptyBytes = proportionalSetSize(pids);
    load.send({ port: proxy.port });
    await load.line((line) => line.event === 'begin');
    const cpuBefore = cpuMicroseconds(pids);
    const startedAt = performance.now();
    await load.line((line) => line.event === 'end');
    const cpuSeconds = (cpuMicroseconds(pids) - cpuBefore) / 1e6;
    const elapsedS = (performance.now() - startedAt) / 1000;
    const bytes = proportionalSetSize(pids);
    await load.line((line) => line.event === 'figures');
    await untilFolded(endOf(data));
    return {
      emptyBytes,
      bytesPerSession: (bytes - emptyBytes) / sessions,
      cores: cpuSeconds / elapsedS,
      writtenS: WARM_UP_S + elapsedS,
      journal: journalFigures(data),
      tables: await ledger.tables(),
    };
  } finally {
    load.end();
    await proxy.stop();
  }
}

/** How long the ledger needs for all of it, where nothing else is to be done. */
async function foldedAgain() {
  const end = endOf(data);
  await ledger.lose();
  const startedAt = performance.now();
  // No miner comes, so that it needs no pool.
  const proxy = await startProxy(1);
  try {
    await untilFolded(end);
    return { foldedInS: (performance.now() - startedAt) / 1000 };
  } finally {
    await proxy.stop();
  }
}

function startProxy(poolPort) {
  const start = (place) => proxyCommand(place, { data_dir: data });
  return startRelay({ name: 'mining-proxy', start }, poolPort);
}

async function untilFolded(end) {
  const deadline = performance.now() + LONGEST_FOLD_MS;
  for (;;) {
    const folded = await ledger.folded();
    if (folded && (folded.segment > end.segment || folded.offset >= end.offset)) return;
    if (performance.now() > deadline) throw new Error('the journal is not folded');
    await pause(LOOK_EVERY_MS);
  }
}
