import { Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { ConfigInForce } from './config-in-force';
import type { ProxyConfig } from './proxy-config';

/**
 * Hands out the configuration in force. What `@nestjs/config` loads is what `loadConfig` validated, and nothing besides:
 * no `.env` file, no look at the environment.
 *
 * Not global: the app calls `forRoot` once and passes the result to the modules that need it.
 */
@Module({})
export class ProxyConfigModule {
  static forRoot(config: ProxyConfig): DynamicModule {
    const inForce = registerAs('inForce', () => new ConfigInForce(config));
    return {
      module: ProxyConfigModule,
      imports: [
        ConfigModule.forRoot({
          load: [inForce],
          ignoreEnvFile: true,
          validatePredefined: false,
          skipProcessEnv: true,
        }),
      ],
      providers: [{ provide: ConfigInForce, useExisting: inForce.KEY }],
      exports: [ConfigInForce],
    };
  }
}
