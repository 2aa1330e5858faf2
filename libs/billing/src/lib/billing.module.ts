import {
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { SESSION_TAP_FACTORY } from '@mining-proxy/relay';
import { METERS_OPTIONS, SHUTDOWN_MS } from './billing.tokens';
import { Meters, type MetersOptions } from './metering/meters';
import { UsageStore } from './usage-store';

/** What the app gives: how to meter, where usage is kept, and how long a shutdown may take in all. */
export interface BillingModuleOptions {
  readonly meters: Omit<MetersOptions, 'facts'>;
  readonly usage: UsageStore;
  readonly shutdownMs: () => number;
}

/** However late it is, the ledger is given a moment to fold. */
const LEAST_FOLD_MS = 500;

/** Provides the `Meters`, binds them as the tap of every session, and keeps usage until all sockets are closed. */
@Module({})
export class BillingModule implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  private shutdownBegan = 0;

  constructor(
    private readonly meters: Meters,
    private readonly usage: UsageStore,
    @Inject(SHUTDOWN_MS) private readonly shutdownMs: () => number,
  ) {}

  static forRoot({ meters, usage, shutdownMs }: BillingModuleOptions): DynamicModule {
    return {
      module: BillingModule,
      providers: [
        { provide: METERS_OPTIONS, useValue: { ...meters, facts: usage } satisfies MetersOptions },
        { provide: SHUTDOWN_MS, useValue: shutdownMs },
        { provide: UsageStore, useValue: usage },
        {
          provide: Meters,
          inject: [METERS_OPTIONS],
          useFactory: (metersOptions: MetersOptions) => new Meters(metersOptions),
        },
        { provide: SESSION_TAP_FACTORY, useExisting: Meters },
      ],
      exports: [Meters, UsageStore, SESSION_TAP_FACTORY],
    };
  }

  onModuleInit(): void {
    this.usage.start();
    this.meters.start();
  }

  onModuleDestroy(): void {
    this.shutdownBegan = performance.now();
  }

  /** After the last session has said its last. */
  async onApplicationShutdown(): Promise<void> {
    this.meters.stop();
    const leftMs = this.shutdownMs() - (performance.now() - this.shutdownBegan);
    await this.usage.stop(Math.max(LEAST_FOLD_MS, leftMs - LEAST_FOLD_MS));
  }
}
