import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { debianPackages, defaultDrainMs, milliseconds, output, root, textOf, yamlOf } from './commands.mjs';
import { Programs } from './programs.mjs';
import { subscribeOverTls } from './tls-miner.mjs';

export const name =
  'compose: services, mounts and ports fit the images and each other; its proxy serves TLS and fails over';

const CONFIG = 'docker/config.json';
const IGNORED = '/docker/tls/';

export function needs() {
  return debianPackages(['openssl']);
}

export async function run(assert) {
  const { services, volumes } = composeFile();
  assert.deepEqual(Object.keys(services).sort(), [
    ...['grafana', 'miners', 'pool', 'postgres', 'prometheus', 'proxy', 'spare-pool'],
  ]);
  const stages = textOf('docker/Dockerfile');
  for (const [service, settings] of Object.entries(services)) {
    buildsOrIsPinned(assert, service, settings, services, stages);
    for (const mount of settings.volumes ?? []) mountExists(assert, mount, volumes);
    for (const port of settings.ports ?? []) isPrivate(assert, service, port);
    const needed = settings.depends_on ?? [];
    for (const other of Array.isArray(needed) ? needed : Object.keys(needed))
      assert.ok(services[other], other);
  }
  const { proxy, miners } = services;
  assert.ok(milliseconds(proxy.stop_grace_period) > defaultDrainMs());
  assert.equal(proxy.read_only, true);
  assert.equal(miners.command[miners.command.indexOf('--host') + 1], 'proxy');
  assert.ok(proxy.ports.includes('127.0.0.1:9090:9090'));
  scrapesTheProxy(assert, services.prometheus);
  isProvisioned(assert, services.grafana);
  const config = JSON.parse(textOf(CONFIG));
  isConfigured(assert, services, config);
  await servesAndFailsOver(assert, services, config);
}

/** As it is where nothing is set in the environment: `${NAME:-default}` is the default. */
function composeFile() {
  return JSON.parse(JSON.stringify(yamlOf('docker/compose.yml')), (_, value) =>
    typeof value === 'string' ? value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1') : value,
  );
}

function buildsOrIsPinned(assert, service, { image, build }, services, stages) {
  if (build) {
    assert.ok(existsSync(resolve(root, 'docker', build.context, build.dockerfile)));
    assert.match(stages, new RegExp(`^FROM .* AS ${build.target}$`, 'm'));
    return;
  }
  const isBuilt = Object.values(services).some((other) => other.build && other.image === image);
  assert.ok(isBuilt || /:v?\d+\.\d+/.test(image), `${service} takes ${image}, of no certain version`);
}

/** A path of this repository, a volume that is declared, or a directory that whoever starts it has to make first. */
function mountExists(assert, mount, volumes) {
  const { source, bind } = mountOf(mount);
  if (bind) {
    assert.deepEqual(bind, { create_host_path: false });
    assert.ok(textOf('.gitignore').split('\n').includes(IGNORED));
    assert.equal(`${resolve('/docker', source)}/`, IGNORED);
    return;
  }
  const isPath = source.startsWith('.');
  assert.ok(isPath ? existsSync(resolve(root, 'docker', source)) : source in volumes, mount);
}

function mountOf(mount) {
  if (typeof mount !== 'string') return mount;
  const [source, target] = mount.split(':');
  return { source, target };
}

/** Miners come from anywhere; everything else stays on this machine. */
function isPrivate(assert, service, port) {
  if (service === 'proxy' && ['3333:3333', '3443:3443'].includes(port)) return;
  assert.match(port, /^127\.0\.0\.1:/, `${service} publishes ${port} to everybody`);
}

/** Its pools are services, one of them a spare, and each of its listeners is published. */
function isConfigured(assert, { proxy, ...others }, { listeners, pools }) {
  const mounts = new Map(proxy.volumes.map(mountOf).map(({ source, target }) => [target, source]));
  assert.equal(resolve('/docker', mounts.get(proxy.environment.CONFIG_FILE)), `/${CONFIG}`);
  for (const { host, port } of pools) {
    const { command } = others[host];
    assert.equal(command[0], 'pool');
    assert.equal(Number(command[command.indexOf('--port') + 1]), port);
  }
  assert.deepEqual(
    pools.map(({ priority = 0 }) => priority),
    [0, 1],
  );
  const published = listeners.map(({ bind_port }) => `${bind_port}:${bind_port}`);
  assert.deepEqual(proxy.ports.slice(0, -1), published);
  assert.deepEqual(
    listeners.map(({ tls }) => tls !== undefined),
    [false, true],
  );
}

/** The built proxy in compose's environment, with the certificate that the documented command makes. */
async function servesAndFailsOver(assert, services, config) {
  const scratch = mkdtempSync(join(tmpdir(), 'compose-'));
  const programs = new Programs();
  try {
    makeCertificate(scratch);
    const pools = [];
    for (const { host } of config.pools) pools.push(await startPool(programs, services[host]));
    const file = join(scratch, 'config.json');
    writeFileSync(file, JSON.stringify(onThisMachine(config, services.proxy, pools, scratch)));
    const { DATABASE_URL, ...environment } = services.proxy.environment;
    assert.ok(DATABASE_URL);
    const ready = await programs.start('proxy', [], ({ msg }) => msg === 'proxy ready', {
      ...environment,
      ...{ CONFIG_FILE: file, DATA_DIR: join(scratch, 'data') },
      ...{ METRICS_BIND_ADDRESS: '127.0.0.1', METRICS_PORT: '0' },
    });
    const port = Number(ready.listening[1].split(':').at(-1));
    const miner = () =>
      subscribeOverTls({ port, host: 'localhost', ca: join(scratch, 'docker/tls/tls.crt') });
    const poolsWithSessions = async () => {
      const { pools: states } = await (await fetch(`http://${ready.http[0]}/pools`)).json();
      return states.filter(({ sessions }) => sessions > 0).map(({ name: pool }) => pool);
    };
    const first = await miner();
    assert.deepEqual(await poolsWithSessions(), ['main']);
    pools[0].tell({ cmd: 'stop' });
    await first.closes();
    const second = await miner();
    assert.deepEqual(await poolsWithSessions(), ['spare']);
    second.end();
  } finally {
    await programs.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** By the lines of the documentation, but the last one, which starts all of it. */
function makeCertificate(directory) {
  const lines = /^```bash\n(mkdir -p docker\/tls\n.*?)docker compose [^\n]*\n```$/ms.exec(
    textOf('docs/OPERATIONS.md'),
  )?.[1];
  if (!lines) throw new Error('docs/OPERATIONS.md makes no certificate for compose');
  output('sh', ['-ec', lines], { cwd: directory });
}

function startPool(programs, { command }) {
  const local = { '--host': '127.0.0.1', '--port': '0' };
  const args = command.map((word, index) => local[command[index - 1]] ?? word);
  return programs.start('miner-sim', args, ({ event }) => event === 'listening');
}

/** Names, ports and mounts of compose's network as they are here; the rest as it is in the file. */
function onThisMachine({ listeners, pools, ...rest }, proxy, started, directory) {
  const { source, target } = proxy.volumes.map(mountOf).find(({ bind }) => bind);
  const mounted = (file) => file.replace(target, resolve(directory, 'docker', source));
  return {
    ...rest,
    listeners: listeners.map(({ tls, ...listener }) => ({
      ...listener,
      ...{ bind_address: '127.0.0.1', bind_port: 0 },
      ...(tls && { tls: { cert_file: mounted(tls.cert_file), key_file: mounted(tls.key_file) } }),
    })),
    pools: pools.map((pool, index) => ({ ...pool, host: '127.0.0.1', port: started[index].port })),
  };
}

function scrapesTheProxy(assert, { command, volumes }) {
  const { scrape_configs } = yamlOf('docker/prometheus.yml');
  const [{ job_name, static_configs }] = scrape_configs;
  assert.deepEqual(static_configs[0].targets, ['proxy:9090']);
  // The name that the alerts know.
  assert.equal(job_name, 'mining-proxy');
  // The rules look back 30 days.
  assert.ok(Number(/retention\.time=(\d+)d/.exec(command.join(' '))?.[1]) > 30);
  assert.ok(volumes.includes('../infra/prometheus:/etc/prometheus/rules:ro'));
}

/** Its data source is compose's Prometheus, and each file lies where Grafana looks for it. */
function isProvisioned(assert, { volumes }) {
  const provisioning = 'infra/grafana/provisioning';
  const fileOf = (kind) => `${provisioning}/${kind}/mining-proxy.yml`;
  const [source] = yamlOf(fileOf('datasources')).datasources;
  assert.equal(source.url, 'http://prometheus:9090');
  assert.equal(source.type, 'prometheus');
  const [{ type, options }] = yamlOf(fileOf('dashboards')).providers;
  assert.equal(type, 'file');
  assert.deepEqual(volumes.slice(0, 3), [
    ...['datasources', 'dashboards'].map(
      (kind) => `../${fileOf(kind)}:/etc/grafana/provisioning/${kind}/mining-proxy.yml:ro`,
    ),
    `../infra/grafana/dashboards:${options.path}:ro`,
  ]);
}
