import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { nx, root } from './run.mjs';

/**
 * The whole thing on one machine: two simulated pools, the proxy, and miners that mine through it with shares
 * that the pools check. Half-way the first pool is taken out of use by a reload, and one farm loses its power. Ends by
 * itself, or at Ctrl-C, and holds the proxy's count against the pools'.
 */
const { values } = parseArgs({
  options: { duration: { type: 'string', default: '60' }, accounts: { type: 'string', default: '5' } },
});
const durationS = Number(values.duration);
const started = [];
const dataDir = mkdtempSync(join(tmpdir(), 'mining-proxy-demo-'));

if ((await nx('run-many', '-t', 'build', '-p', 'proxy', 'miner-sim', 'console')) !== 0) process.exit(1);
process.on('exit', () => {
  started.forEach((child) => child.kill('SIGKILL'));
  rmSync(dataDir, { recursive: true, force: true });
});

const pools = ['main', 'spare'].map((name) => ({
  name,
  ...startSimulator('pool', ['--job-interval-ms', '5000', '--clean-every', '3', '--progress-ms', '0']),
}));
for (const pool of pools) pool.port = (await pool.line((line) => line.event === 'listening')).port;
const configuration = {
  pools: pools.map(({ name, port }, priority) => ({
    name,
    host: '127.0.0.1',
    port,
    priority,
    enabled: true,
  })),
  failover: { failover_spread_ms: 2_000 },
};
const proxy = await startProxy();
say(`
  page      http://127.0.0.1:${proxy.httpPort}/, all of it live in a browser
  pools     127.0.0.1:${pools.map(({ port }) => port).join(' and ')}, simulated; they check every share's SHA-256d
  proxy     127.0.0.1:${proxy.port}, where miners connect
  metrics   http://127.0.0.1:${proxy.httpPort}/metrics
  status    http://127.0.0.1:${proxy.httpPort}/status
  health    http://127.0.0.1:${proxy.httpPort}/readyz

  ${values.accounts} accounts with 4 rigs each mine for ${durationS} s, some shares bad on purpose, and a farm of 3 for half of it. Then
  the first pool is taken out of use, and its miners go to the other. Ctrl-C ends it earlier.
`);
const miners = startSimulator('mine', [
  ...['--port', String(proxy.port), '--accounts', values.accounts, '--rigs-per-account', '4'],
  ...['--shares-per-minute', '60', '--duration', `${durationS}s`, '--progress-ms', '0'],
  ...['--stale-rate', '0.02', '--duplicate-rate', '0.02', '--low-difficulty-rate', '0.02'],
]);
const farm = startSimulator('mine', [
  ...['--port', String(proxy.port), '--account-prefix', 'farm', '--rigs-per-account', '3'],
  ...['--shares-per-minute', '60', '--duration', `${durationS / 2}s`, '--progress-ms', '0'],
]);
const halfWay = setTimeout(leaveTheFirstPool, durationS * 500);
process.once('SIGINT', () => {
  miners.child.kill('SIGINT');
  farm.child.kill('SIGINT');
});
const progress = setInterval(() => void showProgress(), 2_000);
await miners.ended;
await farm.ended;
clearTimeout(halfWay);
clearInterval(progress);

const counted = (await status()).totals;
proxy.child.kill('SIGTERM');
await proxy.ended;
for (const { child } of pools) child.kill('SIGTERM');
await Promise.all(pools.map(({ ended }) => ended));
process.exitCode = compare(counted, ledgerTotals(), sumOf(pools.map(({ last }) => last())));

/** As an operator does it: the file is changed, and the proxy reads it again. Shares under way are answered first. */
function leaveTheFirstPool() {
  configuration.pools[0].enabled = false;
  writeConfiguration();
  proxy.child.kill('SIGHUP');
  say('\n  pool main is taken out of use: its sessions are closed in order, over two seconds\n');
}

function sumOf(tallies) {
  const names = ['submits', 'accepted', 'rejected', 'accepted_hashes', 'bytes_received', 'bytes_sent'];
  return Object.fromEntries(
    names.map((name) => [name, tallies.reduce((sum, tally) => sum + Number(tally[name]), 0)]),
  );
}

function compare(proxyCount, ledger, poolCount) {
  const rows = [
    ['submits', proxyCount.submits, ledger.submits, poolCount.submits],
    ['accepted', proxyCount.accepted, ledger.accepted, poolCount.accepted],
    ['rejected', proxyCount.rejected, ledger.rejected, poolCount.rejected],
    ['accepted hashes', proxyCount.accepted_hashes, ledger.accepted_hashes, poolCount.accepted_hashes],
    ['bytes to the pool', proxyCount.bytes_sent, ledger.bytes_sent, poolCount.bytes_received],
    ['bytes from the pool', proxyCount.bytes_received, ledger.bytes_received, poolCount.bytes_sent],
  ];
  const line = (name, ...cells) =>
    `  ${name.padEnd(20)}${cells.map((cell) => String(cell).padStart(14)).join('')}`;
  say(`\n${line('counted by', 'the proxy', 'the ledger', 'the pools')}`);
  const agrees = ([, ...counts]) => counts.every((count) => String(count) === String(counts[0]));
  for (const row of rows) say(line(...row) + (agrees(row) ? '' : '   differs'));
  const agree = rows.every(agrees);
  say(agree ? '\n  They agree.\n' : '\n  They differ: that is a fault.\n');
  return agree ? 0 : 1;
}

/** What would be billed, asked of the ledger without the proxy. */
function ledgerTotals() {
  const env = { ...process.env, CONFIG_FILE: '', POOL_HOST: '127.0.0.1', POOL_PORT: '1', DATA_DIR: dataDir };
  const answer = execFileSync(process.execPath, [resolve(root, 'dist/apps/proxy/main.js'), 'usage'], { env });
  return JSON.parse(answer).rows[0];
}

async function showProgress() {
  const { active_connections: sessions, totals } = await status();
  say(
    `  ${sessions} sessions, ${totals.submits} shares: ${totals.accepted} accepted, ` +
      `${totals.rejected} rejected, ${totals.in_flight} in flight`,
  );
}

async function status() {
  return (await fetch(`http://127.0.0.1:${proxy.httpPort}/status`)).json();
}

function writeConfiguration() {
  writeFileSync(join(dataDir, 'config.json'), JSON.stringify(configuration));
}

async function startProxy() {
  writeConfiguration();
  const running = startProgram(resolve(root, 'dist/apps/proxy/main.js'), [], {
    CONFIG_FILE: join(dataDir, 'config.json'),
    BIND_ADDRESS: '127.0.0.1',
    BIND_PORT: String(await freeOr(3333)),
    METRICS_BIND_ADDRESS: '127.0.0.1',
    METRICS_PORT: String(await freeOr(9090)),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'info',
    MAX_CONNECTIONS: '1000',
  });
  const ready = await running.line((line) => line.msg === 'proxy ready');
  const portOf = (address) => Number(address.slice(address.lastIndexOf(':') + 1));
  return { ...running, port: portOf(ready.listening[0]), httpPort: portOf(ready.http[0]) };
}

function startSimulator(role, args) {
  return startProgram(resolve(root, 'dist/apps/miner-sim/main.js'), [role, ...args]);
}

/** Starts a program that prints JSON lines. `line` waits for one, `last` is the newest, `ended` its end. */
function startProgram(file, args, env = {}) {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    // Ctrl-C reaches a whole group; these are to end in order, one after the other.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, CONFIG_FILE: '', ...env },
  });
  started.push(child);
  const waiting = [];
  let last;
  const running = { child, last: () => last };
  createInterface({ input: child.stdout }).on('line', (text) => {
    last = JSON.parse(text);
    for (const wait of waiting) wait(last);
  });
  running.ended = new Promise((done) => child.once('close', done));
  running.line = (wanted) =>
    new Promise((found, fail) => {
      waiting.push((line) => wanted(line) && found(line));
      child.once('close', (code) => fail(new Error(`${file} ended with ${code} before it was ready`)));
    });
  return running;
}

/** The port if nobody has it, else 0 for any. */
function freeOr(port) {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(0));
    server.listen(port, '127.0.0.1', () => server.close(() => done(port)));
  });
}

function say(text) {
  console.log(text);
}
