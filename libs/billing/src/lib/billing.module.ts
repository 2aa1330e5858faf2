import { Module, type DynamicModule, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SESSION_TAP_FACTORY } from '@mining-proxy/relay';
import { METERS_OPTIONS } from './billing.tokens';
import { Meters, type MetersOptions } from './metering/meters';

/** Provides the `Meters`, and binds them as the tap of every session. */
@Module({})
export class BillingModule implements OnModuleInit, OnApplicationShutdown {
  constructor(private readonly meters: Meters) {}

  static forRoot(options: MetersOptions): DynamicModule {
    return {
      module: BillingModule,
      providers: [
        { provide: METERS_OPTIONS, useValue: options },
        {
          provide: Meters,
          inject: [METERS_OPTIONS],
          useFactory: (metersOptions: MetersOptions) => new Meters(metersOptions),
        },
        { provide: SESSION_TAP_FACTORY, useExisting: Meters },
      ],
      exports: [Meters, SESSION_TAP_FACTORY],
    };
  }

  onModuleInit(): void {
    this.meters.start();
  }

  onApplicationShutdown(): void {
    this.meters.stop();
  }
}
