export type { ProxyConfig } from './lib/proxy-config';
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
export type { ClientSettings } from './lib/sections/client.settings';
export { ConfigError, type ConfigFault } from './lib/config-error';
export { loadConfig } from './lib/load-config';
export { describeConfig, type SettingDescription } from './lib/describe-config';
export { ProxyConfigModule } from './lib/config.module';
export { BILLING_CONFIG, CLIENTS_CONFIG, IDENTITY_CONFIG, PROXY_CONFIG } from './lib/config.tokens';
