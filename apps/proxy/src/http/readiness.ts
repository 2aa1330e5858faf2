import type { UsageHealth, UsageStore } from '@mining-proxy/billing';
import type { Relay } from '@mining-proxy/relay';

/** A ledger that folds as it should is a second or two behind. */
const LAG_WARNING_S = 60;

/** Whether new miners may be sent here, and what is wrong without being a reason to send them elsewhere. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly warnings: readonly string[];
}

/** Says no only for what is wrong with this process: an outage behind it would take every replica out at once. */
export class Readiness {
  private stopping = false;

  constructor(
    private readonly relay: Relay,
    private readonly usage: UsageStore,
  ) {}

  report(): ReadinessReport {
    const usage = this.usage.health(Date.now());
    const reasons: string[] = [];
    if (this.stopping || this.relay.state === 'draining') reasons.push('draining');
    else if (this.relay.state !== 'listening') reasons.push('not listening');
    if (usage.journalFault) reasons.push('the journal cannot be written');
    const down = this.relay.pools.filter(({ state }) => state === 'down');
    const warnings = down.map(({ poolHost }) => `pool ${poolHost} is down`);
    if (!this.relay.pools.some(({ state }) => state === 'up')) warnings.unshift('no pool is up');
    return { ready: reasons.length === 0, reasons, warnings: [...warnings, ...ledgerWarnings(usage)] };
  }

  /** Called first of all at shutdown, while miners are still connected. */
  onModuleDestroy(): void {
    this.stopping = true;
  }
}

/** What a database says may name its address and its user: anybody may read this, so that stays in the log. */
function ledgerWarnings({
  ledgerError,
  ledgerRefused,
  ledgerLagSeconds,
  badRecords,
  exportFails,
}: UsageHealth): string[] {
  const warnings: string[] = [];
  if (ledgerRefused) warnings.push('the ledger refuses the journal until somebody looks: see the log');
  else if (ledgerError !== undefined)
    warnings.push('the ledger cannot be written: the journal keeps usage meanwhile');
  if (ledgerLagSeconds > LAG_WARNING_S) {
    warnings.push(`the ledger is ${Math.round(ledgerLagSeconds)} s behind the journal`);
  }
  if (badRecords > 0) warnings.push(`${badRecords} records of the journal could not be read`);
  if (exportFails) warnings.push('usage cannot be sent to the billing system: see the log');
  return warnings;
}
