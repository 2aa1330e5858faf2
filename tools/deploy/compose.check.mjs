import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultDrainMs, milliseconds, root, textOf, yamlOf } from './commands.mjs';

export const name = 'compose: services, mounts and ports fit the images and each other';

export function needs() {
  return undefined;
}

export function run(assert) {
  const { services, volumes } = yamlOf('docker/compose.yml');
  assert.deepEqual(Object.keys(services).sort(), [
    ...['grafana', 'miners', 'pool', 'postgres', 'prometheus', 'proxy'],
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
  scrapesTheProxy(assert);
  isProvisioned(assert, services.grafana);
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

/** Either a path of this repository or a volume that is declared. */
function mountExists(assert, mount, volumes) {
  const [source] = mount.split(':');
  const isPath = source.startsWith('.');
  assert.ok(isPath ? existsSync(resolve(root, 'docker', source)) : source in volumes, mount);
}

/** Miners come from anywhere; everything else stays on this machine. */
function isPrivate(assert, service, port) {
  if (service === 'proxy' && port === '3333:3333') return;
  assert.match(port, /^127\.0\.0\.1:/, `${service} publishes ${port} to everybody`);
}

function scrapesTheProxy(assert) {
  const { scrape_configs } = yamlOf('docker/prometheus.yml');
  const [{ job_name, static_configs }] = scrape_configs;
  assert.deepEqual(static_configs[0].targets, ['proxy:9090']);
  // The name that the alerts know.
  assert.equal(job_name, 'mining-proxy');
  const { command, volumes } = yamlOf('docker/compose.yml').services.prometheus;
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
