import type { Relay } from '@mining-proxy/relay';

/** Whether new miners may be sent here, and what is wrong without being a reason to send them elsewhere. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly warnings: readonly string[];
}

/** Says no only for what is wrong with this process: an outage behind it would take every replica out at once. */
export class Readiness {
  private stopping = false;

  constructor(private readonly relay: Relay) {}

  report(): ReadinessReport {
    const reasons: string[] = [];
    if (this.stopping || this.relay.state === 'draining') reasons.push('draining');
    else if (this.relay.state !== 'listening') reasons.push('not listening');
    const down = this.relay.pools.filter((pool) => !pool.up);
    const warnings = down.map(({ poolHost }) => `pool ${poolHost} cannot be reached`);
    return { ready: reasons.length === 0, reasons, warnings };
  }

  /** Called first of all at shutdown, while miners are still connected. */
  onModuleDestroy(): void {
    this.stopping = true;
  }
}
