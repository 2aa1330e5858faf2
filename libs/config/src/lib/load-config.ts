import { ConfigError, type ConfigFault } from './config-error';
import { isJsonObject, readConfigFile, type JsonObject } from './config-file';
import { deepFreeze } from './deep-freeze';
import { describeConfig } from './describe-config';
import { CONFIG_FILE, isEnvironmentName } from './environment';
import type { ProxyConfig } from './proxy-config';
import { readSection } from './read-section';
import { readAccess } from './read-access';
import { readBilling } from './read-billing';
import { readListeners, readPools, shortFormFaults, type ListSource } from './read-listeners';
import { AuditSettings } from './sections/audit.settings';
import { ClientSettings } from './sections/client.settings';
import { IdentitySettings } from './sections/identity.settings';
import { FailoverSettings } from './sections/failover.settings';
import { MetricsTlsSettings } from './sections/metrics-tls.settings';
import { ProxySettings } from './sections/proxy.settings';
import { certificateFaults } from './rules/files';
import { WorkersSettings } from './sections/workers.settings';
import { shownValue } from './shown-value';
import { unknownSections } from './unknown-keys';

const SECTIONS = [
  'proxy',
  'listeners',
  'pools',
  'failover',
  'access',
  'identity',
  'clients',
  'workers',
  'audit',
  'billing',
];

/**
 * The configuration out of `CONFIG_FILE`, where that is set, and the environment, which wins.
 *
 * Keys that neither sets have their defaults. What the environment overrides in the file is not looked at.
 *
 * @throws {ConfigError} once, with every fault there is.
 */
export function loadConfig(env: NodeJS.ProcessEnv): ProxyConfig {
  const path = env[CONFIG_FILE] ?? '';
  const file = path === '' ? { content: {} } : readConfigFile(path);
  if ('content' in file) {
    const faults = [
      ...unknownSections(
        file.content,
        SECTIONS,
        describeConfig().map(({ key }) => key),
      ),
    ];
    const config = readSections(file.content, env, faults);
    if (faults.length > 0) throw new ConfigError(faults);
    return deepFreeze(config);
  }
  // What such a file would have set is unknown: of the rest, only the environment can be judged.
  const faults: ConfigFault[] = [];
  readSections({}, env, faults);
  throw new ConfigError([file.fault, ...faults.filter(({ path: at }) => isEnvironmentName(at))]);
}

function readSections(content: JsonObject, env: NodeJS.ProcessEnv, faults: ConfigFault[]): ProxyConfig {
  const { failover, access, identity, clients, workers, audit, billing } = content;
  const source = { content, env };
  const proxy = readProxy(source, faults);
  const pools = readPools(source, proxy, faults);
  return {
    proxy,
    listeners: readListeners(source, proxy, pools, faults),
    pools,
    failover: readSection(FailoverSettings, { path: 'failover', content: failover, env }, faults),
    access: readAccess(access, env, faults),
    identity: readSection(IdentitySettings, { path: 'identity', content: identity, env }, faults),
    clients: readClients(clients, env, faults),
    workers: readSection(WorkersSettings, { path: 'workers', content: workers, env }, faults),
    audit: readSection(AuditSettings, { path: 'audit', content: audit, env }, faults),
    billing: readBilling(billing, env, faults),
  };
}

/** Section `proxy`. What a list says in its place, it need not say and must not. */
function readProxy({ content, env }: ListSource, faults: ConfigFault[]): ProxySettings {
  const found: ConfigFault[] = [];
  const subsections = ['metrics_tls'];
  const read = readSection(ProxySettings, { path: 'proxy', content: content.proxy, env, subsections }, found);
  const proxy = Object.assign(read, { metricsTls: readMetricsTls(content.proxy, env, found) });
  const lists = (['listeners', 'pools'] as const).filter((list) => content[list] !== undefined);
  const isListed = ({ path }: ConfigFault) =>
    (lists.includes('pools') && /^proxy\.pool_(host|port)$/.test(path)) ||
    // It would be said to be the port of a listener that does not exist.
    (lists.includes('listeners') && path === 'proxy.metrics_port' && proxy.metricsPort === proxy.bindPort);
  faults.push(
    ...found.filter((fault) => !isListed(fault)),
    ...lists.flatMap((list) => shortFormFaults(list, { content, env })),
  );
  return proxy;
}

function readMetricsTls(
  proxy: unknown,
  env: NodeJS.ProcessEnv,
  faults: ConfigFault[],
): MetricsTlsSettings | null {
  const content = (isJsonObject(proxy) ? proxy.metrics_tls : undefined) ?? null;
  if (content === null) return null;
  const path = 'proxy.metrics_tls';
  const found: ConfigFault[] = [];
  const tls = readSection(MetricsTlsSettings, { path, content, env }, found);
  if (found.length === 0)
    found.push(...certificateFaults(path, { cert: tls.certFile, key: tls.keyFile, ca: null }));
  faults.push(...found);
  return tls;
}

function readClients(content: unknown, env: NodeJS.ProcessEnv, faults: ConfigFault[]): ClientSettings[] {
  if (content === undefined) return [];
  if (!Array.isArray(content)) {
    faults.push({ path: 'clients', expected: 'must be a list of objects, as []', got: shownValue(content) });
    return [];
  }
  const clients = content.map((entry: unknown, index) =>
    readSection(ClientSettings, { path: `clients[${index}]`, content: entry ?? null, env }, faults),
  );
  faults.push(...repeatedClients(clients), ...repeatedTokens(clients));
  return clients;
}

function repeatedClients(clients: readonly ClientSettings[]): ConfigFault[] {
  const firstUse = new Map<unknown, number>();
  return clients.flatMap(({ clientId }, index) => {
    const first = firstUse.get(clientId) ?? index;
    firstUse.set(clientId, first);
    if (first === index || typeof clientId !== 'string') return [];
    const expected = `must be unique; clients[${first}] has the same`;
    return [{ path: `clients[${index}].client_id`, expected, got: shownValue(clientId) }];
  });
}

/** A token that two clients have would show one of them the other. */
function repeatedTokens(clients: readonly ClientSettings[]): ConfigFault[] {
  return clients.flatMap(({ viewToken }, index) => {
    const first = clients.findIndex((client) => viewToken !== null && client.viewToken === viewToken);
    if (first === -1 || first === index) return [];
    return [
      { path: `clients[${index}].view_token`, expected: `must be unique; clients[${first}] has the same` },
    ];
  });
}
