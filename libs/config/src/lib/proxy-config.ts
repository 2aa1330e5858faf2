import type { BillingSettings } from './sections/billing.settings';
import type { ClientSettings } from './sections/client.settings';
import type { IdentitySettings } from './sections/identity.settings';
import type { ProxySettings } from './sections/proxy.settings';

/** The whole configuration: validated, complete with its defaults, and frozen through and through. */
export interface ProxyConfig {
  readonly proxy: ProxySettings;
  readonly identity: IdentitySettings;
  readonly clients: readonly ClientSettings[];
  readonly billing: BillingSettings;
}
