import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { BillingModule, Meters, UsageStore } from '@mining-proxy/billing';
import { ConfigInForce, ProxyConfigModule, type ProxyConfig } from '@mining-proxy/config';
import { LOG, LoggerLibModule, type Log, type RootLogger } from '@mining-proxy/logger';
import { MetricsModule } from '@mining-proxy/metrics';
import { Relay, RelayModule } from '@mining-proxy/relay';
import { BlocksController } from './billing/blocks.controller';
import { StatementSigner } from './billing/statement-signer';
import { Access } from './http/access';
import { AccessGuard } from './http/access.guard';
import { BillingController } from './http/billing.controller';
import { HealthController } from './http/health.controller';
import { ProblemFilter } from './http/problem.filter';
import { PublicKeyController } from './http/public-key.controller';
import { Readiness } from './http/readiness';
import { PoolsController } from './http/pools.controller';
import { SessionsController } from './http/sessions.controller';
import { StatusController } from './http/status.controller';
import { SignIns } from './console/sign-ins';
import { SignInController } from './console/sign-in.controller';
import { WorkersController } from './console/workers.controller';
import { EventsController } from './console/events.controller';
import { LiveSnapshots } from './console/live-snapshots';
import { RememberWorkers } from './console/remember-workers';
import { RecentRefusals } from './relay/recent-refusals';
import { BlockLog } from './relay/block-log';
import { PayoutLog } from './relay/payout-log';
import { ReconnectLog } from './relay/reconnect-log';
import { SessionLogController } from './relay/session-log.controller';
import { StratumRelayServer } from './relay/stratum-relay.server';
import { Reload } from './reload/reload';
import { ReloadController } from './reload/reload.controller';
import type { AssignedSockets } from './systemd/inherited-sockets';
import { clientDirectory, documentSigner, metersOptions, relayOptions } from './wiring';

/** Requests of one address: far above probes, scrapes and people, far below what would cost anything. */
const REQUEST_LIMIT = { ttl: 10_000, limit: 1_000 };

/** What the program has before the application. */
export interface ProxyParts {
  readonly config: ProxyConfig;
  readonly log: RootLogger;
  readonly usage: UsageStore;
  /** Reads the configuration anew, for a reload. Throws a `ConfigError` with every fault. */
  readonly load: () => ProxyConfig;
  /** Sockets that were handed over at the start. */
  readonly sockets?: AssignedSockets;
}

/** Puts the libs together: the relay gets the meters as its tap, the metrics read both. */
@Module({})
export class AppModule {
  static forRoot({ config, log: logger, usage, load, sockets }: ProxyParts): DynamicModule {
    const inForce = ProxyConfigModule.forRoot(config);
    const directory = clientDirectory(config);
    let drainTimeoutMs = (): number => config.proxy.drainTimeoutMs;
    const billing = BillingModule.forRoot({
      meters: metersOptions(config, directory),
      usage,
      shutdownMs: () => drainTimeoutMs(),
    });
    const relay = RelayModule.forRoot(relayOptions(config, directory, sockets?.listeners), [billing]);
    return {
      module: AppModule,
      imports: [
        LoggerLibModule.forRoot(logger),
        inForce,
        billing,
        relay,
        MetricsModule.forRoot([billing, relay, inForce]),
        ThrottlerModule.forRoot([REQUEST_LIMIT]),
      ],
      controllers: [
        HealthController,
        StatusController,
        SessionsController,
        PoolsController,
        BillingController,
        BlocksController,
        PublicKeyController,
        ReloadController,
        SignInController,
        WorkersController,
        EventsController,
        SessionLogController,
      ],
      providers: [
        StratumRelayServer,
        {
          provide: ReconnectLog,
          inject: [Meters, LOG],
          useFactory: (meters: Meters, log: Log) => {
            const reconnects = new ReconnectLog(log);
            reconnects.watch(meters.totals);
            return reconnects;
          },
        },
        {
          provide: BlockLog,
          inject: [Meters, LOG],
          useFactory: (meters: Meters, log: Log) => {
            const blocks = new BlockLog(log);
            blocks.watch(meters);
            return blocks;
          },
        },
        {
          provide: PayoutLog,
          inject: [Meters, LOG],
          useFactory: (meters: Meters, log: Log) => {
            const payouts = new PayoutLog(log);
            payouts.watch(meters);
            return payouts;
          },
        },
        {
          provide: Access,
          inject: [ConfigInForce],
          useFactory: (config: ConfigInForce) => new Access(config),
        },
        {
          provide: LiveSnapshots,
          inject: [Relay, Meters, UsageStore, ConfigInForce],
          useFactory: (...parts: ConstructorParameters<typeof LiveSnapshots>) => new LiveSnapshots(...parts),
        },
        {
          provide: RememberWorkers,
          inject: [Meters, UsageStore, ConfigInForce],
          useFactory: (...parts: ConstructorParameters<typeof RememberWorkers>) =>
            new RememberWorkers(...parts),
        },
        { provide: StatementSigner, useValue: new StatementSigner(documentSigner(config)) },
        { provide: SignIns, useFactory: () => new SignIns() },
        {
          provide: RecentRefusals,
          inject: [Relay],
          useFactory: (relay: Relay) => {
            const refusals = new RecentRefusals();
            refusals.watch(relay);
            return refusals;
          },
        },
        {
          provide: Reload,
          inject: [ConfigInForce, Relay, Meters, UsageStore, StatementSigner],
          useFactory: (
            config: ConfigInForce,
            relay: Relay,
            meters: Meters,
            store: UsageStore,
            signer: StatementSigner,
          ) => {
            drainTimeoutMs = () => config.current.proxy.drainTimeoutMs;
            return new Reload({ config, relay, meters, usage: store, signer, log: logger, load });
          },
        },
        {
          provide: Readiness,
          inject: [Relay, UsageStore],
          useFactory: (relay: Relay, store: UsageStore) => new Readiness(relay, store),
        },
        // The limit comes first: it bounds how often a token can be guessed.
        { provide: APP_GUARD, useClass: ThrottlerGuard },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
