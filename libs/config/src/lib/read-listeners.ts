import { isIPv6 } from 'node:net';
import type { ConfigFault } from './config-error';
import { isJsonObject, type JsonObject } from './config-file';
import { environmentValue, type EnvironmentName } from './environment';
import { readSection } from './read-section';
import { caFaults, certificateFaults } from './rules/files';
import { ListenerSettings, ListenerTlsSettings, ProxyProtocolSettings } from './sections/listener.settings';
import { HealthSettings, PoolSettings, PoolTlsSettings } from './sections/pool.settings';
import type { ProxySettings } from './sections/proxy.settings';
import type { SectionClass } from './setting';
import { shownValue } from './shown-value';

/** What listeners and pools are called that the short form makes. */
const DEFAULT = 'default';

/** The file and the environment that a list is read from. */
export interface ListSource {
  /** The whole file. */
  readonly content: JsonObject;
  readonly env: NodeJS.ProcessEnv;
}

/** Keys of `proxy` that are a list's short form: given beside the list they would be ignored. */
const SHORT_FORMS: Readonly<Record<'listeners' | 'pools', Readonly<Record<string, EnvironmentName>>>> = {
  listeners: { bind_address: 'BIND_ADDRESS', bind_port: 'BIND_PORT' },
  pools: { pool_host: 'POOL_HOST', pool_port: 'POOL_PORT' },
};

/** Faults for keys of the short form that stand beside the list. */
export function shortFormFaults(list: 'listeners' | 'pools', { content, env }: ListSource): ConfigFault[] {
  if (content[list] === undefined) return [];
  const proxy = isJsonObject(content.proxy) ? content.proxy : {};
  return Object.entries(SHORT_FORMS[list]).flatMap(([key, variable]) => {
    const expected = `must not be given beside \`${list}\`, where it belongs; remove it there or here`;
    const inFile = Object.hasOwn(proxy, key) ? [{ path: `proxy.${key}`, expected }] : [];
    return environmentValue(variable, env) === undefined ? inFile : [{ path: variable, expected }, ...inFile];
  });
}

/** The list `pools`, or the one pool of the short form. */
export function readPools(source: ListSource, proxy: ProxySettings, faults: ConfigFault[]): PoolSettings[] {
  const { content, env } = source;
  if (content.pools === undefined) {
    const { poolHost: host, poolPort: port } = proxy;
    return [Object.assign(new PoolSettings(), { name: DEFAULT, host, port })];
  }
  const pools = readList('pools', content.pools, faults, (path, entry) => {
    const subsections = ['tls', 'health'];
    const pool = readSection(PoolSettings, { path, content: entry, env, subsections }, faults);
    const given = isJsonObject(entry) ? entry : {};
    const health = readSection(
      HealthSettings,
      { path: `${path}.health`, content: given.health, env },
      faults,
    );
    const tls = optional(PoolTlsSettings, `${path}.tls`, given.tls, env, faults);
    if (tls) faults.push(...ifText(tls.caFile, (file) => caFaults(`${path}.tls.ca_file`, file)));
    return Object.assign(pool, { health, tls });
  });
  faults.push(
    ...repeated(
      'pools',
      'name',
      pools.map(({ name }) => name),
    ),
    ...repeated(
      'pools',
      'port',
      pools.map(({ host, port }) => `${host}:${port}`),
      'host and port',
    ),
  );
  return pools;
}

/** The list `listeners`, or the one listener of the short form. `pools`: what they can name. */
export function readListeners(
  source: ListSource,
  proxy: ProxySettings,
  pools: readonly PoolSettings[],
  faults: ConfigFault[],
): ListenerSettings[] {
  const { content, env } = source;
  if (content.listeners === undefined) {
    const { bindAddress, bindPort } = proxy;
    return [Object.assign(new ListenerSettings(), { name: DEFAULT, bindAddress, bindPort })];
  }
  const listeners = readList('listeners', content.listeners, faults, (path, entry) => {
    const subsections = ['tls', 'proxy_protocol'];
    const listener = readSection(ListenerSettings, { path, content: entry, env, subsections }, faults);
    const given = isJsonObject(entry) ? entry : {};
    const tls = optional(ListenerTlsSettings, `${path}.tls`, given.tls, env, faults);
    const at = `${path}.proxy_protocol`;
    const proxyProtocol = optional(ProxyProtocolSettings, at, given.proxy_protocol, env, faults);
    if (tls) {
      const { certFile, keyFile, clientCaFile } = tls;
      if (isText(certFile) && isText(keyFile)) {
        const ca = isText(clientCaFile) ? clientCaFile : null;
        faults.push(...certificateFaults(`${path}.tls`, { cert: certFile, key: keyFile, ca }));
      }
    }
    faults.push(...unknownPools(path, listener, pools));
    return Object.assign(listener, { tls, proxyProtocol });
  });
  faults.push(
    ...repeated(
      'listeners',
      'name',
      listeners.map(({ name }) => name),
    ),
    ...takenAddresses(listeners, proxy),
  );
  return listeners;
}

function readList<T>(
  path: string,
  content: unknown,
  faults: ConfigFault[],
  read: (path: string, entry: unknown) => T,
): T[] {
  if (Array.isArray(content) && content.length > 0) {
    return content.map((entry: unknown, index) => read(`${path}[${index}]`, entry ?? null));
  }
  faults.push({ path, expected: 'must be a list of at least one object', got: shownValue(content) });
  return [];
}

function optional<T extends object>(
  Section: SectionClass<T>,
  path: string,
  content: unknown,
  env: NodeJS.ProcessEnv,
  faults: ConfigFault[],
): T | null {
  if (content === undefined || content === null) return null;
  return readSection(Section, { path, content, env }, faults);
}

function unknownPools(
  path: string,
  { pools: named }: ListenerSettings,
  pools: readonly PoolSettings[],
): ConfigFault[] {
  if (!Array.isArray(named)) return [];
  const names = pools.map(({ name }) => name);
  return named.flatMap((name: unknown, index) => {
    if (typeof name !== 'string' || names.includes(name)) return [];
    const expected = `must be the name of a pool: ${names.join(', ')}`;
    return [{ path: `${path}.pools[${index}]`, expected, got: shownValue(name) }];
  });
}

/** Entries of a list that say the same as one before them. */
function repeated(list: string, key: string, values: readonly unknown[], what = key): ConfigFault[] {
  return values.flatMap((value, index) => {
    const first = values.indexOf(value);
    if (first === index || value === undefined) return [];
    const expected = `must be unique; ${list}[${first}] has the same ${what}`;
    return [{ path: `${list}[${index}].${key}`, expected, got: shownValue(value) }];
  });
}

interface Bound {
  readonly what: string;
  readonly address: string;
  readonly port: number;
}

/** Two that bind the same port on the same address; 0 is a free one each time. */
function takenAddresses(listeners: readonly ListenerSettings[], proxy: ProxySettings): ConfigFault[] {
  const bound: Bound[] = [
    { what: '`proxy.metrics_port`', address: proxy.metricsBindAddress, port: proxy.metricsPort },
  ];
  return listeners.flatMap(({ bindAddress: address, bindPort: port }, index) => {
    const taken = bound.find((other) => port !== 0 && other.port === port && overlap(other.address, address));
    bound.push({ what: `listeners[${index}]`, address, port });
    if (!taken) return [];
    const expected = `must be a port of its own; ${taken.what} has the same address and port`;
    return [{ path: `listeners[${index}].bind_port`, expected, got: shownValue(port) }];
  });
}

function overlap(one: string, other: string): boolean {
  return one === other || isWildcard(one) || isWildcard(other);
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || (isIPv6(address) && /^[0:]+$/.test(address));
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function ifText(value: unknown, faults: (text: string) => ConfigFault[]): ConfigFault[] {
  return isText(value) ? faults(value) : [];
}
