import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { output, root } from './commands.mjs';
import { eventually, freePort, Running } from './running.mjs';

export const name =
  'drills: a failover, an outage of every pool and an upgrade under load, no miner and no accepted share lost';

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
    await failover(assert, drill);
    await poolOutage(assert, drill);
    await upgrade(assert, drill);
    await agrees(assert, drill);
  } finally {
    drill.close();
  }
}

async function failover(assert, drill) {
  await drill.minersAreServed();
  await drill.stopPool('main');
  await eventually('the pool counts as down', async () => (await drill.stateOf('main')) === 'down');
  await drill.minersAreServed();
  assert.equal(await drill.sessionsAt('backup'), MINERS);
  assert.deepEqual(await drill.warnings(), [`pool 127.0.0.1:${drill.ports.main} is down`]);

  await drill.startPool('main');
  await eventually('they go back', async () => (await drill.sessionsAt('main')) === MINERS);
  await drill.minersAreServed();
  assert.deepEqual(await drill.warnings(), []);
}

async function poolOutage(assert, drill) {
  await drill.stopPool('main');
  await drill.stopPool('backup');
  await eventually('the pools count as down', async () => (await drill.metric('stratum_pool_up')) === 0);
  await eventually('all sessions are closed', async () => (await drill.sessions()) === 0);
  // Every replica would go out of service at once if this were a reason.
  assert.equal((await drill.readiness()).ready, true);
  assert.ok((await drill.warnings()).includes('no pool is up'));

  await drill.startPool('main');
  await drill.startPool('backup');
  await drill.minersAreServed();
  await eventually('nothing is warned of', async () => (await drill.warnings()).length === 0);
  assert.equal(await drill.metric('stratum_pool_up'), 2);
  assert.equal(await drill.metric('stratum_share_equation_difference'), 0);
}

async function upgrade(assert, drill) {
  assert.equal(await drill.stopProxy(), 0);
  await drill.startProxy();
  await drill.minersAreServed();
}

/** The ledger, over both of the proxy's lives, has what all of the pools' lives accepted, and so have the miners. */
async function agrees(assert, drill) {
  const mined = await drill.stopMiners();
  assert.equal(await drill.stopProxy(), 0);
  await drill.stopPool('main');
  await drill.stopPool('backup');
  const [ledger] = drill.usage();
  assert.equal(Number(ledger.accepted), drill.acceptedByPool);
  assert.equal(mined.accepted, drill.acceptedByPool);
  assert.equal(mined.miners, MINERS);
}

/** Two simulated pools, the built proxy and miners that come back by themselves; each of them can go and come again. */
class Drill {
  acceptedByPool = 0;
  #directory = mkdtempSync(join(tmpdir(), 'drills-'));
  #programs = [];
  #pools = {};

  async open() {
    this.ports = { main: await freePort(), backup: await freePort() };
    [this.port, this.httpPort] = [await freePort(), await freePort()];
    for (const pool of Object.keys(this.ports)) await this.startPool(pool);
    await this.startProxy();
    const farm = ['--accounts', '4', '--rigs-per-account', String(MINERS / 4), '--submits-per-second', '100'];
    this.miners = this.#start('miner-sim', [
      ...['mine', '--port', String(this.port), '--progress-ms', '0', '--reconnect-delay-ms', '200'],
      ...farm,
    ]);
  }

  async startPool(name) {
    const args = ['pool', '--port', String(this.ports[name]), '--fast', '--progress-ms', '0'];
    this.#pools[name] = this.#start('miner-sim', args);
    await this.#pools[name].line();
  }

  async stopPool(name) {
    this.acceptedByPool += (await summaryOf(this.#pools[name])).accepted;
  }

  async startProxy() {
    this.proxy = this.#start('proxy', [], this.#environment());
    this.proxy.child.stdout.resume();
    await eventually('the proxy is ready', async () => (await this.readiness()).ready);
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

  async sessionsAt(pool) {
    return (await this.#pool(pool)).sessions;
  }

  async stateOf(pool) {
    return (await this.#pool(pool)).state;
  }

  async readiness() {
    return JSON.parse(await this.get('/readyz'));
  }

  async warnings() {
    return (await this.readiness()).warnings;
  }

  async #pool(wanted) {
    return JSON.parse(await this.get('/pools')).pools.find(({ name }) => name === wanted);
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
    const file = join(this.#directory, 'config.json');
    writeFileSync(file, JSON.stringify(this.#configuration()));
    return { CONFIG_FILE: file };
  }

  #configuration() {
    const health = { interval_ms: 500, timeout_ms: 500, fall: 2, rise: 2 };
    const pool = (name, priority) => ({
      ...{ name, priority, health },
      ...{ host: '127.0.0.1', port: this.ports[name] },
    });
    return {
      proxy: {
        ...{ bind_address: '127.0.0.1', bind_port: this.port },
        ...{ metrics_bind_address: '127.0.0.1', metrics_port: this.httpPort, log_level: 'warn' },
        ...{ data_dir: join(this.#directory, 'data'), drain_timeout_ms: 3000 },
      },
      pools: [pool('main', 0), pool('backup', 1)],
      failover: { failback: 'drain', failover_spread_ms: 1000 },
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
