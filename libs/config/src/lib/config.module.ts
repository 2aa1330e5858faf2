import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { BILLING_CONFIG, CLIENTS_CONFIG, IDENTITY_CONFIG, PROXY_CONFIG } from './config.tokens';
import type { ProxyConfig } from './proxy-config';

/**
 * Hands out the configuration by slices. What `@nestjs/config` loads is the object that `loadConfig`
 * validated, and nothing besides: no `.env` file, no look at the environment.
 *
 * Not global: the app calls `forRoot` once and passes the result to the modules that need a slice.
 */
@Module({})
export class ProxyConfigModule {
  static forRoot(config: ProxyConfig): DynamicModule {
    const proxy = registerAs('proxy', () => config.proxy);
    const identity = registerAs('identity', () => config.identity);
    const clients = registerAs('clients', () => config.clients);
    const billing = registerAs('billing', () => config.billing);
    return {
      module: ProxyConfigModule,
      imports: [
        ConfigModule.forRoot({
          load: [proxy, identity, clients, billing],
          ignoreEnvFile: true,
          validatePredefined: false,
          skipProcessEnv: true,
        }),
      ],
      providers: [
        { provide: PROXY_CONFIG, useExisting: proxy.KEY },
        { provide: IDENTITY_CONFIG, useExisting: identity.KEY },
        { provide: CLIENTS_CONFIG, useExisting: clients.KEY },
        { provide: BILLING_CONFIG, useExisting: billing.KEY },
      ],
      exports: [PROXY_CONFIG, IDENTITY_CONFIG, CLIENTS_CONFIG, BILLING_CONFIG],
    };
  }
}
