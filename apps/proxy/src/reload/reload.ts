import type { ConfigInForce } from '@mining-proxy/config';
import { ConfigError, configChanges, type ConfigFault, type ProxyConfig } from '@mining-proxy/config';
import type { Meters, UsageStore } from '@mining-proxy/billing';
import type { RootLogger } from '@mining-proxy/logger';
import type { Relay } from '@mining-proxy/relay';
import type { StatementSigner } from '../billing/statement-signer';
import { clientDirectory, documentSigner, exportOf, metersOptions, ratesOf, relayOptions } from '../wiring';

const NEEDS_RESTART = 'cannot change while the proxy runs; change it back, or restart';

/** What a reload changed, by the paths of the keys; values are not told. */
export interface Reloaded {
  readonly changes: readonly string[];
}

/** Those whom a reload concerns. */
export interface ReloadParts {
  readonly config: ConfigInForce;
  readonly relay: Relay;
  readonly meters: Meters;
  readonly usage: UsageStore;
  readonly signer: StatementSigner;
  readonly log: RootLogger;
  /** Reads the configuration anew; throws a `ConfigError` with every fault. */
  readonly load: () => ProxyConfig;
}

/** Reads the configuration again and takes it over without a restart, as a whole or not at all. */
export class Reload {
  constructor(private readonly parts: ReloadParts) {}

  /** @throws {ConfigError} with every fault; then the old configuration goes on. */
  run(): Reloaded {
    const { config, log } = this.parts;
    try {
      const changes = this.takeOver(this.parts.load());
      log.info({ changes }, 'configuration reloaded');
      return { changes };
    } catch (error) {
      config.refused();
      const refusal = asConfigError(error);
      log.error({ faults: refusal.faults }, 'configuration refused: the one before goes on');
      throw refusal;
    }
  }

  private takeOver(fresh: ProxyConfig): string[] {
    const { config, relay, meters, usage, signer, log } = this.parts;
    const changes = configChanges(config.current, fresh);
    const bound = changes.filter(({ needsRestart }) => needsRestart);
    if (bound.length > 0) throw new ConfigError(bound.map(({ path }) => ({ path, expected: NEEDS_RESTART })));
    const directory = clientDirectory(fresh);
    const freshSigner = documentSigner(fresh);
    // The last one that can fail, and then it has changed nothing.
    relay.reconfigure(relayOptions(fresh, directory));
    meters.reconfigure(metersOptions(fresh, directory));
    usage.setRates(ratesOf(fresh));
    usage.setExport(exportOf(fresh));
    signer.take(freshSigner);
    log.level = fresh.proxy.logLevel;
    config.take(fresh);
    return changes.map(({ path }) => path);
  }
}

/** A file that has changed again between its check and its use is a fault like any other. */
function asConfigError(error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  const fault: ConfigFault = {
    path: 'configuration',
    expected: `could not be taken over: ${error instanceof Error ? error.message : String(error)}`,
  };
  return new ConfigError([fault]);
}
