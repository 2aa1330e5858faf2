export type { ProxyConfig } from './lib/proxy-config';
export type { AccessSettings, BanSettings } from './lib/sections/access.settings';
export type { MetricsTlsSettings } from './lib/sections/metrics-tls.settings';
export type { ProxySettings } from './lib/sections/proxy.settings';
export type { FailoverSettings } from './lib/sections/failover.settings';
export type {
  ListenerSettings,
  ListenerTlsSettings,
  ProxyProtocolSettings,
} from './lib/sections/listener.settings';
export type { HealthSettings, PoolSettings, PoolTlsSettings } from './lib/sections/pool.settings';
export type { IdentityFallback, IdentitySettings } from './lib/sections/identity.settings';
export type { BillingSettings, RateCardSettings, RatesSettings } from './lib/sections/billing.settings';
export type { ExportSettings } from './lib/sections/export.settings';
export type { ClientSettings } from './lib/sections/client.settings';
export { ConfigError, type ConfigFault } from './lib/config-error';
export { loadConfig } from './lib/load-config';
export { configChanges, type ConfigChange } from './lib/config-changes';
export { describeConfig, type SettingDescription } from './lib/describe-config';
export { ProxyConfigModule } from './lib/config.module';
export { ConfigInForce } from './lib/config-in-force';
