import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lentToTheBuild, standInBase } from './base-image.mjs';
import { Buildah } from './buildah.mjs';
import { debianPackages, output, textOf } from './commands.mjs';
import { startAsProcessOne } from './process-one.mjs';
import { eventually, freePort, Running } from './running.mjs';

export const name = 'docker: both images build, and the proxy in its image serves miners';

const DATA = '/var/lib/mining-proxy';
const LARGEST_APP_BYTES = 90 * 2 ** 20;
const SHARES = 40;
const MINERS = 20;
/** `--stop-timeout` of docs/OPERATIONS.md. */
const STOP_TIMEOUT_MS = 30_000;

export function needs() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'the base image is made for linux-x64 only';
  if (process.getuid() !== 0) return 'building without an engine needs root';
  return debianPackages(['buildah', 'debootstrap']);
}

export async function run(assert) {
  hasItsLines(assert);
  const scratch = mkdtempSync(join(tmpdir(), 'docker-check-'));
  const buildah = new Buildah();
  try {
    const base = standInBase();
    buildah.imageOf(base.directory, base.tag);
    const volumes = lentToTheBuild(scratch);
    buildah.build({ tag: 'mining-proxy', volumes });
    buildah.build({ tag: 'miner-sim', target: 'miner-sim', volumes });
    imagesAreAsPromised(assert, buildah);
    await minersAreServed(assert, buildah, scratch);
  } finally {
    buildah.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The lines that are carried out here. */
function hasItsLines(assert) {
  const text = textOf('docs/OPERATIONS.md');
  assert.ok(text.includes('\ndocker build -t mining-proxy -f docker/Dockerfile .\n'));
  const run = /\ndocker run (-p 3333:3333 -p 9090:9090 -e POOL_HOST=\S+ -e POOL_PORT=3333) mining-proxy\n/;
  assert.match(text, run);
  assert.ok(text.includes(`--stop-timeout ${STOP_TIMEOUT_MS / 1000} `));
}

export function imagesAreAsPromised(assert, buildah) {
  for (const tag of ['mining-proxy', 'miner-sim']) {
    const config = buildah.configOf(tag);
    assert.equal(config.User, '1000:1000');
    assert.equal(config.StopSignal, 'SIGTERM');
    assert.equal(config.Labels['org.opencontainers.image.title'], tag);
    assert.equal(config.Labels['org.opencontainers.image.licenses'], 'MIT');
  }
  const proxy = buildah.configOf('mining-proxy');
  assert.equal(proxy.Healthcheck.Test[0], 'CMD');
  assert.deepEqual(Object.keys(proxy.ExposedPorts).sort(), ['3333/tcp', '9090/tcp']);
  assert.deepEqual(Object.keys(proxy.Volumes), [DATA]);
  assert.deepEqual(proxy.Entrypoint, ['node', '--max-semi-space-size=2', 'dist/apps/proxy/main.js']);
  // What the environment says a configuration file cannot: the image decides these and nothing else.
  const set = proxy.Env.map((line) => line.split('=')[0]);
  assert.deepEqual(
    set.filter((key) => !['PATH', 'NODE_VERSION', 'YARN_VERSION'].includes(key)),
    ['NODE_ENV', 'DATA_DIR'],
  );
  holdsNothingElse(assert, join(buildah.container('mining-proxy').directory, 'app'));
}

/** The build, the packages it needs at run time, and nothing that only developers need. */
function holdsNothingElse(assert, app) {
  assert.deepEqual(readdirSync(app).sort(), ['dist', 'node_modules']);
  assert.ok(existsSync(join(app, 'dist/apps/proxy/ledger-worker.js')));
  const { dependencies, devDependencies } = JSON.parse(textOf('package.json'));
  const isHere = (name) => existsSync(join(app, 'node_modules', name));
  assert.deepEqual(Object.keys(dependencies).filter(isHere), Object.keys(dependencies));
  assert.deepEqual(Object.keys(devDependencies).filter(isHere), []);
  const bytes = Number(output('du', ['-sb', app]).split('\t')[0]);
  assert.ok(bytes < LARGEST_APP_BYTES, `the application takes ${bytes} bytes`);
}

export async function minersAreServed(assert, buildah, scratch) {
  const data = join(scratch, 'data');
  mkdirSync(data);
  output('chown', ['1000:1000', data]);
  chmodSync(scratch, 0o755);
  const programs = [];
  const start = (tag, args, options) => {
    const { container } = buildah.container(tag);
    const command = [...buildah.configOf(tag).Entrypoint, ...args];
    const program = new Running(buildah.start(container, command, options), `${tag} ${args[0] ?? ''}`);
    programs.push(program);
    return program;
  };
  try {
    const pool = start('miner-sim', ['pool', '--port', '0', '--fast', '--progress-ms', '0']);
    const { port } = await pool.line();
    const [minersPort, httpPort] = [await freePort(), await freePort()];
    const env = { POOL_HOST: '127.0.0.1', POOL_PORT: port, BIND_PORT: minersPort, METRICS_PORT: httpPort };
    const { container, directory } = buildah.container('mining-proxy');
    const config = buildah.configOf('mining-proxy');
    const child = startAsProcessOne({ directory, config, env, data, volume: DATA });
    const proxy = new Running(child, 'mining-proxy');
    programs.push(proxy);
    child.stdout.resume();
    const get = async (path) => (await fetch(`http://127.0.0.1:${httpPort}${path}`)).text();
    await eventually('the proxy is ready', async () => JSON.parse(await get('/readyz')).ready);
    assert.equal(proxy.user, '1000:1000');
    assert.match(readFileSync(`/proc/${proxy.pid}/status`, 'utf8'), /^NSpid:.*\t1$/m);

    const health = () => healthcheck(buildah, container, env);
    assert.equal(await health(), 0);
    const mine = (...args) =>
      start('miner-sim', ['mine', '--port', `${minersPort}`, '--progress-ms', '0', ...args]);
    const summary = await mine('--fast', '--shares', `${SHARES}`).line();
    assert.equal(summary.accepted, SHARES);
    assert.equal(sumOf(await get('/metrics'), 'stratum_accepted_shares_total'), SHARES);

    const rigs = ['--rigs-per-account', `${MINERS}`, '--submits-per-second', '100', '--no-reconnect'];
    const fleet = mine(...rigs);
    const sessions = async () => sumOf(await get('/metrics'), 'stratum_active_connections');
    await eventually('miners are connected', async () => (await sessions()) === MINERS);
    const stoppedAt = performance.now();
    assert.equal(await proxy.stop('SIGTERM'), 0);
    assert.ok(performance.now() - stoppedAt < STOP_TIMEOUT_MS);
    // None was cut off, and all that the pool has said to them arrived.
    const { connections, failed_connections, accepted } = await fleet.line();
    assert.deepEqual([connections, failed_connections], [MINERS, 0]);
    assert.equal(await health(), 1);
    assert.deepEqual(readdirSync(data).sort().slice(0, 2), ['journal', 'ledger.db']);
    process.kill(pool.pid, 'SIGTERM');
    const tally = await pool.line();
    assert.deepEqual([tally.accepted, tally.unanswered], [SHARES + accepted, 0]);
    assert.equal(await pool.ended, 0);
  } finally {
    for (const program of programs) program.kill();
  }
}

/** The image's own HEALTHCHECK, run in the container beside the program, as an engine does. */
function healthcheck(buildah, container, env) {
  const [, ...command] = buildah.configOf('mining-proxy').Healthcheck.Test;
  return new Running(buildah.start(container, command, { env }), 'HEALTHCHECK').ended;
}

function sumOf(metrics, family) {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${family}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
