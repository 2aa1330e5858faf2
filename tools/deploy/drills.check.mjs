import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { output, root } from './commands.mjs';
import { eventually, freePort, Running } from './running.mjs';

export const name = 'drills: a pool outage and an upgrade under load, no miner and no accepted share lost';

const MINERS = 20;
const SHARES = 100;

export function needs() {
  return undefined;
}

/** The drills of docs/OPERATIONS.md, by the same signs that it tells an operator to look for. */
export async function run(assert) {
  const drill = new Drill();
  try {
    await drill.open();
    await poolOutage(assert, drill);
    await upgrade(assert, drill);
    await agrees(assert, drill);
  } finally {
    drill.close();
  }
}

async function poolOutage(assert, drill) {
  await drill.minersAreServed();
  await drill.stopPool();
  await eventually('the pool counts as down', async () => (await drill.metric('stratum_pool_up')) === 0);
  await eventually('all sessions are closed', async () => (await drill.sessions()) === 0);
  // Every replica would go out of service at once if this were a reason.
  const warnings = [`pool 127.0.0.1:${drill.poolPort} cannot be reached`];
  assert.deepEqual(JSON.parse(await drill.get('/readyz')), { ready: true, reasons: [], warnings });

  await drill.startPool();
  await drill.minersAreServed();
  assert.equal(await drill.metric('stratum_pool_up'), 1);
  await eventually(
    'nothing is warned of',
    async () => JSON.parse(await drill.get('/readyz')).warnings.length === 0,
  );
  assert.equal(await drill.metric('stratum_share_equation_difference'), 0);
}

async function upgrade(assert, drill) {
  assert.equal(await drill.stopProxy(), 0);
  await drill.startProxy();
  await drill.minersAreServed();
}

/** The ledger, over both of the proxy's lives, has what both of the pool's lives accepted, and so have the miners. */
async function agrees(assert, drill) {
  const mined = await drill.stopMiners();
  assert.equal(await drill.stopProxy(), 0);
  await drill.stopPool();
  const [ledger] = drill.usage();
  assert.equal(Number(ledger.accepted), drill.acceptedByPool);
  assert.equal(mined.accepted, drill.acceptedByPool);
  assert.equal(mined.miners, MINERS);
}

/** A simulated pool, the built proxy and miners that come back by themselves; each of them can go and come again. */
class Drill {
  acceptedByPool = 0;
  #directory = mkdtempSync(join(tmpdir(), 'drills-'));
  #programs = [];

  async open() {
    [this.poolPort, this.port, this.httpPort] = [await freePort(), await freePort(), await freePort()];
    await this.startPool();
    await this.startProxy();
    const farm = ['--accounts', '4', '--rigs-per-account', String(MINERS / 4), '--submits-per-second', '100'];
    this.miners = this.#start('miner-sim', [
      ...['mine', '--port', String(this.port), '--progress-ms', '0', '--reconnect-delay-ms', '200'],
      ...farm,
    ]);
  }

  async startPool() {
    const args = ['pool', '--port', String(this.poolPort), '--fast', '--progress-ms', '0'];
    this.pool = this.#start('miner-sim', args);
    await this.pool.line();
  }

  async stopPool() {
    this.acceptedByPool += (await summaryOf(this.pool)).accepted;
  }

  async startProxy() {
    this.proxy = this.#start('proxy', [], this.#environment());
    this.proxy.child.stdout.resume();
    await eventually('the proxy is ready', async () => JSON.parse(await this.get('/readyz')).ready);
  }

  stopProxy() {
    return this.proxy.stop('SIGTERM');
  }

  stopMiners() {
    return summaryOf(this.miners);
  }

  /** All miners are there, and shares of theirs are accepted. */
  async minersAreServed() {
    await eventually('all miners are served', async () => (await this.sessions()) === MINERS);
    const before = await this.metric('stratum_accepted_shares_total');
    const isMining = async () => (await this.metric('stratum_accepted_shares_total')) >= before + SHARES;
    await eventually('shares are accepted', isMining);
  }

  sessions() {
    return this.metric('stratum_active_connections');
  }

  /** The sum of a family. */
  async metric(family) {
    const lines = (await this.get('/metrics')).split('\n').filter((line) => line.split(/[{ ]/)[0] === family);
    if (lines.length === 0) throw new Error(`there is no ${family}`);
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  async get(path) {
    return (await fetch(`http://127.0.0.1:${this.httpPort}${path}`)).text();
  }

  /** What would be billed, asked of the ledger without the proxy. */
  usage() {
    const program = resolve(root, 'dist/apps/proxy/main.js');
    return JSON.parse(output(process.execPath, [program, 'usage'], { env: this.#environment() })).rows;
  }

  close() {
    for (const program of this.#programs) program.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #environment() {
    return {
      ...{ POOL_HOST: '127.0.0.1', POOL_PORT: String(this.poolPort), LOG_LEVEL: 'warn' },
      ...{ BIND_ADDRESS: '127.0.0.1', BIND_PORT: String(this.port) },
      ...{ METRICS_BIND_ADDRESS: '127.0.0.1', METRICS_PORT: String(this.httpPort) },
      ...{ DATA_DIR: join(this.#directory, 'data'), DRAIN_TIMEOUT_MS: '3000' },
    };
  }

  #start(app, args, env = {}) {
    const file = resolve(root, 'dist/apps', app, 'main.js');
    const child = spawn(process.execPath, [file, ...args], {
      stdio: 'pipe',
      env: { PATH: process.env.PATH, ...env },
    });
    const program = new Running(child, app);
    this.#programs.push(program);
    return program;
  }
}

/** Ends a simulator in order; resolves with what it says last. */
async function summaryOf(program) {
  process.kill(program.pid, 'SIGTERM');
  const summary = await program.line();
  if (summary.event !== 'summary') throw new Error(`not a summary: ${JSON.stringify(summary)}`);
  await program.ended;
  return summary;
}
