import type { AccessSettings } from './sections/access.settings';
import type { AuditSettings } from './sections/audit.settings';
import type { BillingSettings } from './sections/billing.settings';
import type { ClientSettings } from './sections/client.settings';
import type { FailoverSettings } from './sections/failover.settings';
import type { IdentitySettings } from './sections/identity.settings';
import type { ListenerSettings } from './sections/listener.settings';
import type { PoolSettings } from './sections/pool.settings';
import type { WorkersSettings } from './sections/workers.settings';
import type { ProxySettings } from './sections/proxy.settings';

/** The whole configuration: validated, complete with its defaults, and frozen through and through. */
export interface ProxyConfig {
  readonly proxy: ProxySettings;
  /** Never empty: the short form's one where the file has no list. */
  readonly listeners: readonly ListenerSettings[];
  /** Likewise. */
  readonly pools: readonly PoolSettings[];
  readonly failover: FailoverSettings;
  readonly access: AccessSettings;
  readonly identity: IdentitySettings;
  readonly clients: readonly ClientSettings[];
  readonly workers: WorkersSettings;
  readonly audit: AuditSettings;
  readonly billing: BillingSettings;
}
