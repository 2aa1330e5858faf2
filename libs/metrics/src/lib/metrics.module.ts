import { Module, type DynamicModule, type ModuleMetadata, type OnModuleInit } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { register } from 'prom-client';
import { Meters, UsageStore } from '@mining-proxy/billing';
import { Relay } from '@mining-proxy/relay';
import { ConfigInForce } from '@mining-proxy/config';
import { CLIENT_FAMILIES } from './client-families';
import { configFamilies } from './config-families';
import { MetricsController } from './metrics.controller';
import { lightenNodeMetrics } from './node-metrics';
import { ReadFamily } from './read-family';
import { RELAY_INSTRUMENT_PROVIDERS, RelayInstruments } from './relay-instruments';
import { Scrape } from './scrape';
import { sessionFamilies } from './session-families';
import { usageFamilies } from './usage-families';

/** Serves `/metrics`. `imports` must export `Relay`, `Meters`, `UsageStore` and `ConfigInForce`. */
@Module({})
export class MetricsModule implements OnModuleInit {
  constructor(
    private readonly relay: Relay,
    private readonly meters: Meters,
    private readonly usage: UsageStore,
    private readonly config: ConfigInForce,
    private readonly instruments: RelayInstruments,
  ) {}

  static forRoot(imports: ModuleMetadata['imports'] = []): DynamicModule {
    return {
      module: MetricsModule,
      imports: [
        ...imports,
        PrometheusModule.register({ controller: MetricsController, defaultMetrics: { enabled: true } }),
      ],
      providers: [
        ...RELAY_INSTRUMENT_PROVIDERS,
        {
          provide: RelayInstruments,
          inject: [...RelayInstruments.inject],
          useFactory: (...instruments: ConstructorParameters<typeof RelayInstruments>) =>
            new RelayInstruments(...instruments),
        },
      ],
    };
  }

  onModuleInit(): void {
    lightenNodeMetrics(register);
    this.instruments.watch(this.relay);
    const scrape = new Scrape(this.meters);
    const families = [
      ...CLIENT_FAMILIES,
      ...this.instruments.families,
      ...sessionFamilies(this.relay, this.meters),
      ...usageFamilies(this.usage),
      ...configFamilies(this.config),
    ];
    for (const family of families) {
      register.registerMetric(new ReadFamily(family, scrape).asMetric());
    }
  }
}
