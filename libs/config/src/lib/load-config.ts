import { ConfigError, type ConfigFault } from './config-error';
import { readConfigFile, type JsonObject } from './config-file';
import { deepFreeze } from './deep-freeze';
import { describeConfig } from './describe-config';
import { CONFIG_FILE, ENVIRONMENT } from './environment';
import type { ProxyConfig } from './proxy-config';
import { readSection } from './read-section';
import { readBilling } from './read-billing';
import { readListeners, readPools, shortFormFaults, type ListSource } from './read-listeners';
import { ClientSettings } from './sections/client.settings';
import { IdentitySettings } from './sections/identity.settings';
import { FailoverSettings } from './sections/failover.settings';
import { ProxySettings } from './sections/proxy.settings';
import { shownValue } from './shown-value';
import { unknownSections } from './unknown-keys';

const SECTIONS = ['proxy', 'listeners', 'pools', 'failover', 'identity', 'clients', 'billing'];

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
  throw new ConfigError([file.fault, ...faults.filter((fault) => Object.hasOwn(ENVIRONMENT, fault.path))]);
}

function readSections(content: JsonObject, env: NodeJS.ProcessEnv, faults: ConfigFault[]): ProxyConfig {
  const { failover, identity, clients, billing } = content;
  const source = { content, env };
  const proxy = readProxy(source, faults);
  const pools = readPools(source, proxy, faults);
  return {
    proxy,
    listeners: readListeners(source, proxy, pools, faults),
    pools,
    failover: readSection(FailoverSettings, { path: 'failover', content: failover, env }, faults),
    identity: readSection(IdentitySettings, { path: 'identity', content: identity, env }, faults),
    clients: readClients(clients, env, faults),
    billing: readBilling(billing, env, faults),
  };
}

/** Section `proxy`. What a list says in its place, it need not say and must not. */
function readProxy({ content, env }: ListSource, faults: ConfigFault[]): ProxySettings {
  const found: ConfigFault[] = [];
  const proxy = readSection(ProxySettings, { path: 'proxy', content: content.proxy, env }, found);
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

function readClients(content: unknown, env: NodeJS.ProcessEnv, faults: ConfigFault[]): ClientSettings[] {
  if (content === undefined) return [];
  if (!Array.isArray(content)) {
    faults.push({ path: 'clients', expected: 'must be a list of objects, as []', got: shownValue(content) });
    return [];
  }
  const clients = content.map((entry: unknown, index) =>
    readSection(ClientSettings, { path: `clients[${index}]`, content: entry ?? null, env }, faults),
  );
  faults.push(...repeatedClients(clients));
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
