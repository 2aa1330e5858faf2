import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Database from 'libsql';
import { proxyCommand } from '../bench/relays/proxy.mjs';
import { startRelay } from '../bench/relay-process.mjs';
import { nx } from '../run.mjs';

/**
 * `node tools/sizing/history.mjs`: what `/history` costs with a year of usage. Fills a ledger (SQLite) with a row for each worker
 * and hour, as a proxy whose miners never rest would, and asks the built proxy for what the page draws, each time for another
 * client. A year of 1,000 clients with 10 workers each takes some 30 GB in the temporary directory, which it removes again.
 */
const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '10' },
    days: { type: 'string', default: '365' },
    questions: { type: 'string', default: '25' },
    data: { type: 'string' }, // is kept, and used as it is where it was filled before
  },
});
const [clients, workers, days, questions] = ['clients', 'workers', 'days', 'questions'].map((name) =>
  Number(values[name]),
);
const HOUR_MS = 3_600_000;
const JOURNAL = 'filled-by-sizing';
const end = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const begin = end - days * 24 * HOUR_MS;
const iso = (ms) => new Date(ms).toISOString();
const client = (n) => `client-${String(n).padStart(4, '0')}`;

if ((await nx('run', 'proxy:build')) !== 0) process.exit(1);
const data = values.data ?? mkdtempSync(join(tmpdir(), 'mining-proxy-history-'));
const file = join(data, 'ledger.db');
try {
  await (await startProxy()).stop();
  fill();
  const proxy = await startProxy();
  try {
    await ask(proxy, 'a day of hours', { spanDays: 1, step: 'hour' });
    await ask(proxy, 'a week of hours', { spanDays: 7, step: 'hour' });
    await ask(proxy, '30 days of hours', { spanDays: 30, step: 'hour' });
    await ask(proxy, '30 days of days', { spanDays: 30, step: 'day' });
    await ask(proxy, 'all days', { spanDays: days, step: 'day' });
    await ask(proxy, 'all days of a worker', { spanDays: days, step: 'day', worker: 'rig0' });
  } finally {
    await proxy.stop();
  }
} finally {
  if (values.data === undefined) rmSync(data, { recursive: true, force: true });
}

/** Without a pool: no miner comes. */
function startProxy() {
  return startRelay({ name: 'mining-proxy', start: (place) => proxyCommand(place, { data_dir: data }) }, 1);
}

function fill() {
  const database = new Database(file);
  const isFilled = database.prepare('select 1 from usage where journal_id = ? limit 1').get(JOURNAL);
  if (isFilled) {
    console.log(`ledger as it was: ${(statSync(file).size / 1e9).toFixed(1)} GB`);
    database.close();
    return;
  }
  const startedAt = performance.now();
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000');
  database.exec('create temp table names (client_id text, worker text)');
  const name = database.prepare('insert into names values (?, ?)');
  database.exec('begin');
  for (let n = 0; n < clients; n += 1) {
    for (let rig = 0; rig < workers; rig += 1) name.run(client(n), `rig${rig}`);
  }
  database.exec('commit');
  const hourOf = database.prepare(`insert into usage (
      journal_id, session_id, client_id, worker, pool, hour, dialect, bytes_sent, bytes_received, session_ms,
      submits, accepted, rejected_stale, accepted_hashes_low, accepted_difficulty_low)
    select '${JOURNAL}', '', client_id, worker, 'pool.example:3333', ?, 'stratum1', 60000, 90000, 3600000,
      360, 357, 3, 3570000000000, 35700000000 from names`);
  for (let day = 0; day < days; day += 1) {
    database.exec('begin');
    for (let hour = 0; hour < 24; hour += 1) hourOf.run(BigInt(begin + (day * 24 + hour) * HOUR_MS));
    database.exec('commit');
    if (day % 30 === 29) console.error(`${day + 1} of ${days} days`);
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const rows = clients * workers * days * 24;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`${rows} rows, ${(statSync(file).size / 1e9).toFixed(1)} GB, filled in ${seconds} s`);
}

/** Each question is about a client that was not asked for before, so that nothing of it has been read already. */
async function ask(proxy, what, { spanDays, step, worker }) {
  const took = [];
  for (let n = 0; n < Math.min(questions, clients); n += 1) {
    const about = new URLSearchParams({
      ...{ client_id: client((n * 397 + spanDays) % clients), step },
      ...{ from: iso(end - spanDays * 24 * HOUR_MS), to: iso(end), ...(worker && { worker }) },
    });
    const startedAt = performance.now();
    const answer = await fetch(`http://127.0.0.1:${proxy.httpPort}/history?${about}`);
    const { points } = await answer.json();
    took.push(performance.now() - startedAt);
    if (!points?.length) throw new Error(`no history of ${about}`);
  }
  took.sort((a, b) => a - b);
  const [middle, most] = [took[Math.floor(took.length / 2)], took.at(-1)];
  console.log(`${what.padEnd(24)}${middle.toFixed(0)} ms, at most ${most.toFixed(0)} ms`);
}
