import type { ProxyConfig } from './proxy-config';
import { AccessSettings, BanSettings } from './sections/access.settings';
import { AuditSettings } from './sections/audit.settings';
import { BillingSettings } from './sections/billing.settings';
import { ClientSettings } from './sections/client.settings';
import { ExportSettings } from './sections/export.settings';
import { FailoverSettings } from './sections/failover.settings';
import { IdentitySettings } from './sections/identity.settings';
import { ListenerSettings } from './sections/listener.settings';
import { PoolSettings } from './sections/pool.settings';
import { MetricsTlsSettings } from './sections/metrics-tls.settings';
import { ProxySettings } from './sections/proxy.settings';
import { WorkersSettings } from './sections/workers.settings';
import { keyOf, settingsOf, type SectionClass } from './setting';

/** One key that two configurations have differently. */
export interface ConfigChange {
  /** As the file has it; an entry of a list by its name: `pools[eu].weight`, `clients[acme]` where it is new or gone. */
  readonly path: string;
  /** Whether only a start takes it over. */
  readonly needsRestart: boolean;
}

/** What differs between two configurations, key by key. Values are not told: some are secrets. */
export function configChanges(before: ProxyConfig, after: ProxyConfig): ConfigChange[] {
  const listeners = (config: ProxyConfig) => byName(config.listeners, ({ name }) => name);
  const pools = (config: ProxyConfig) => byName(config.pools, ({ name }) => name);
  const clients = (config: ProxyConfig) => byName(config.clients, ({ clientId }) => clientId);
  return [
    ...sectionChanges('proxy', ProxySettings, before.proxy, after.proxy),
    ...metricsTlsChanges(before, after),
    ...listChanges('listeners', ListenerSettings, listeners(before), listeners(after), true),
    ...listChanges('pools', PoolSettings, pools(before), pools(after), false),
    ...sectionChanges('failover', FailoverSettings, before.failover, after.failover),
    ...sectionChanges('access', AccessSettings, before.access, after.access),
    ...partChanges('access.ban', BanSettings, before.access.ban, after.access.ban),
    ...sectionChanges('identity', IdentitySettings, before.identity, after.identity),
    ...listChanges('clients', ClientSettings, clients(before), clients(after), false),
    ...sectionChanges('workers', WorkersSettings, before.workers, after.workers),
    ...sectionChanges('audit', AuditSettings, before.audit, after.audit),
    ...sectionChanges('billing', BillingSettings, before.billing, after.billing),
    ...(same(before.billing.rates, after.billing.rates)
      ? []
      : [{ path: 'billing.rates', needsRestart: false }]),
    ...partChanges('billing.export', ExportSettings, before.billing.export, after.billing.export),
  ];
}

type Entries = ReadonlyMap<string, object>;

function byName<T extends object>(entries: readonly T[], nameOf: (entry: T) => string): Entries {
  return new Map(entries.map((entry) => [nameOf(entry), entry]));
}

/** `bound`: entries cannot come or go without a start. */
function listChanges(
  path: string,
  Section: SectionClass,
  before: Entries,
  after: Entries,
  bound: boolean,
): ConfigChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changes = names.flatMap((name) => {
    const [old, fresh] = [before.get(name), after.get(name)];
    const at = `${path}[${name}]`;
    if (!old || !fresh) return [{ path: at, needsRestart: bound }];
    return [...sectionChanges(at, Section, old, fresh), ...subsectionChanges(at, Section, old, fresh)];
  });
  // The first pattern that matches wins, so that their order says something.
  const inOrder = same([...before.keys()], [...after.keys()]);
  return changes.length > 0 || inOrder ? changes : [{ path, needsRestart: false }];
}

function sectionChanges(path: string, Section: SectionClass, before: object, after: object): ConfigChange[] {
  return settingsOf(Section).flatMap(({ property, key, restart }) => {
    if (same(Reflect.get(before, property), Reflect.get(after, property))) return [];
    return [{ path: `${path}.${key}`, needsRestart: restart === true }];
  });
}

/** A section that may be absent. */
function partChanges(
  path: string,
  Section: SectionClass,
  before: object | null,
  after: object | null,
): ConfigChange[] {
  if (before && after) return sectionChanges(path, Section, before, after);
  return before === after ? [] : [{ path, needsRestart: false }];
}

/** Its files can change; whether there is TLS at all is settled when the port is bound. */
function metricsTlsChanges({ proxy: before }: ProxyConfig, { proxy: after }: ProxyConfig): ConfigChange[] {
  const isOnOrOff = (before.metricsTls === null) !== (after.metricsTls === null);
  return partChanges('proxy.metrics_tls', MetricsTlsSettings, before.metricsTls, after.metricsTls).map(
    ({ path }) => ({ path, needsRestart: isOnOrOff }),
  );
}

/** Sections inside of an entry, each as one: `tls`, `health`. */
function subsectionChanges(
  path: string,
  Section: SectionClass,
  before: object,
  after: object,
): ConfigChange[] {
  const own = new Set(settingsOf(Section).map(({ property }) => property));
  return Object.entries(before).flatMap(([property, value]: [string, unknown]) => {
    if (own.has(property) || same(value, Reflect.get(after, property))) return [];
    return [{ path: `${path}.${keyOf(property)}`, needsRestart: false }];
  });
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
