import { AccessSettings, BanSettings } from './sections/access.settings';
import { AuditSettings } from './sections/audit.settings';
import { BillingSettings, RateCardSettings, RatesSettings } from './sections/billing.settings';
import { ClientSettings } from './sections/client.settings';
import { ExportSettings } from './sections/export.settings';
import { FailoverSettings } from './sections/failover.settings';
import { IdentitySettings } from './sections/identity.settings';
import { ListenerSettings, ListenerTlsSettings, ProxyProtocolSettings } from './sections/listener.settings';
import { HealthSettings, PoolSettings, PoolTlsSettings } from './sections/pool.settings';
import { MetricsTlsSettings } from './sections/metrics-tls.settings';
import { ProxySettings } from './sections/proxy.settings';
import { WorkersSettings } from './sections/workers.settings';
import { fileVariableOf } from './environment';
import { fileKeyOf, settingsOf, type SectionClass, type SettingKey } from './setting';

/** A row of the table of keys. */
export interface SettingDescription {
  /** Path in the file; `clients[].workers` stands for that key of each entry. */
  readonly key: string;
  /** The default, as the file would spell it, or `required`. */
  readonly default: string;
  /** The environment variable that sets it, if there is one. */
  readonly environment: string | undefined;
  readonly description: string;
  /** Whether a reload takes it over. */
  readonly reload: boolean;
}

/** Every key of the configuration, in the file's order. */
export function describeConfig(): readonly SettingDescription[] {
  return [
    ...describeSection('proxy', ProxySettings),
    ...describeSection('proxy.metrics_tls', MetricsTlsSettings),
    ...describeSection('listeners[]', ListenerSettings),
    ...describeSection('listeners[].tls', ListenerTlsSettings),
    ...describeSection('listeners[].proxy_protocol', ProxyProtocolSettings),
    ...describeSection('pools[]', PoolSettings),
    ...describeSection('pools[].tls', PoolTlsSettings),
    ...describeSection('pools[].health', HealthSettings),
    ...describeSection('failover', FailoverSettings),
    ...describeSection('access', AccessSettings),
    ...describeSection('access.ban', BanSettings),
    ...describeSection('identity', IdentitySettings),
    ...describeSection('clients[]', ClientSettings),
    ...describeSection('workers', WorkersSettings),
    ...describeSection('audit', AuditSettings),
    ...describeSection('billing', BillingSettings),
    ...describeSection('billing.rates', RatesSettings),
    ...describeSection('billing.rates.clients.<client_id>', RateCardSettings),
    ...describeSection('billing.export', ExportSettings),
  ];
}

function describeSection(path: string, Section: SectionClass): SettingDescription[] {
  const defaults: Readonly<Record<string, unknown>> = { ...new Section() };
  return settingsOf(Section).flatMap((setting) => {
    const { property, key, env, describe, shownDefault, restart } = setting;
    return [
      {
        key: `${path}.${key}`,
        default: shownDefault ?? shown(defaults[property]),
        environment: env,
        description: describe,
        reload: restart !== true,
      },
      ...describeFile(path, setting),
    ];
  });
}

/** The file that a secret may be given as. */
function describeFile(path: string, { key, env, secret, restart }: SettingKey): SettingDescription[] {
  if (secret !== true) return [];
  return [
    {
      key: `${path}.${fileKeyOf(key)}`,
      default: 'null',
      environment: env === undefined ? undefined : fileVariableOf(env),
      description: `File that holds \`${key}\``,
      reload: restart !== true,
    },
  ];
}

function shown(value: unknown): string {
  return value === undefined ? 'required' : JSON.stringify(value);
}
