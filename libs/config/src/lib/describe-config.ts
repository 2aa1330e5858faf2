import { BillingSettings, RateCardSettings, RatesSettings } from './sections/billing.settings';
import { ClientSettings } from './sections/client.settings';
import { FailoverSettings } from './sections/failover.settings';
import { IdentitySettings } from './sections/identity.settings';
import { ListenerSettings, ListenerTlsSettings, ProxyProtocolSettings } from './sections/listener.settings';
import { HealthSettings, PoolSettings, PoolTlsSettings } from './sections/pool.settings';
import { ProxySettings } from './sections/proxy.settings';
import { settingsOf, type SectionClass } from './setting';

/** A row of the table of keys. */
export interface SettingDescription {
  /** Path in the file; `clients[].workers` stands for that key of each entry. */
  readonly key: string;
  /** The default, as the file would spell it, or `required`. */
  readonly default: string;
  /** The environment variable that sets it, if there is one. */
  readonly environment: string | undefined;
  readonly description: string;
}

/** Every key of the configuration, in the file's order. */
export function describeConfig(): readonly SettingDescription[] {
  return [
    ...describeSection('proxy', ProxySettings),
    ...describeSection('listeners[]', ListenerSettings),
    ...describeSection('listeners[].tls', ListenerTlsSettings),
    ...describeSection('listeners[].proxy_protocol', ProxyProtocolSettings),
    ...describeSection('pools[]', PoolSettings),
    ...describeSection('pools[].tls', PoolTlsSettings),
    ...describeSection('pools[].health', HealthSettings),
    ...describeSection('failover', FailoverSettings),
    ...describeSection('identity', IdentitySettings),
    ...describeSection('clients[]', ClientSettings),
    ...describeSection('billing', BillingSettings),
    ...describeSection('billing.rates', RatesSettings),
    ...describeSection('billing.rates.clients.<client_id>', RateCardSettings),
  ];
}

function describeSection(path: string, Section: SectionClass): SettingDescription[] {
  const defaults: Readonly<Record<string, unknown>> = { ...new Section() };
  return settingsOf(Section).map(({ property, key, env, describe, shownDefault }) => ({
    key: `${path}.${key}`,
    default: shownDefault ?? shown(defaults[property]),
    environment: env,
    description: describe,
  }));
}

function shown(value: unknown): string {
  return value === undefined ? 'required' : JSON.stringify(value);
}
