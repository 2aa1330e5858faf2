import type { ProxyConfig } from './proxy-config';

/** The configuration in force: that of the start, until a reload takes another over. Read it whenever it is needed. */
export class ConfigInForce {
  /** Reloads that were taken over, and that were refused. */
  readonly reloads = { ok: 0, refused: 0 };
  /** When this configuration came into force, milliseconds since 1970. */
  since = Date.now();

  constructor(private config: ProxyConfig) {}

  get current(): ProxyConfig {
    return this.config;
  }

  /** Another one is in force from now on. */
  take(config: ProxyConfig): void {
    this.config = config;
    this.since = Date.now();
    this.reloads.ok += 1;
  }

  /** Another one could not be taken over. */
  refused(): void {
    this.reloads.refused += 1;
  }
}
