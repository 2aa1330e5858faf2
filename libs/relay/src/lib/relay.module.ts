import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { Relay } from './relay';
import type { RelayOptions } from './relay-options';
import { RELAY_OPTIONS, SESSION_TAP_FACTORY } from './relay.tokens';
import type { SessionTapFactory } from './session/session-tap';

/** Provides the one `Relay`. `imports` must export `SESSION_TAP_FACTORY`. */
@Module({})
export class RelayModule {
  static forRoot(options: RelayOptions, imports: ModuleMetadata['imports'] = []): DynamicModule {
    return {
      module: RelayModule,
      imports,
      providers: [
        { provide: RELAY_OPTIONS, useValue: options },
        {
          provide: Relay,
          inject: [RELAY_OPTIONS, SESSION_TAP_FACTORY],
          useFactory: (relayOptions: RelayOptions, taps: SessionTapFactory) => new Relay(relayOptions, taps),
        },
      ],
      exports: [Relay],
    };
  }
}
