import type { ConfigInForce } from '@mining-proxy/config';
import type { FamilyDefinition } from './read-family';

/** What became of reloads of the configuration. */
export function configFamilies(config: ConfigInForce): readonly FamilyDefinition[] {
  return [
    {
      name: 'stratum_config_reloads_total',
      type: 'counter',
      help: 'Reloads of the configuration, taken over (ok) and refused because of a fault',
      samples: () => Object.entries(config.reloads).map(([result, value]) => ({ labels: { result }, value })),
    },
    {
      name: 'stratum_config_last_reload_success_timestamp_seconds',
      type: 'gauge',
      help: 'When the configuration in force was taken over, at the start or by a reload',
      samples: () => [{ labels: {}, value: config.since / 1000 }],
    },
  ];
}
