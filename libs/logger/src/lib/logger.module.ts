import { Global, Module, type DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { LOG } from './logger.tokens';
import type { RootLogger } from './root-logger';

/**
 * Makes the root logger Nest's own, and gives it to plain classes as `LOG`.
 *
 * Requests are not logged: scrapes and probes come every few seconds, and a request carries tokens.
 */
@Global()
@Module({})
export class LoggerLibModule {
  static forRoot(logger: RootLogger): DynamicModule {
    return {
      module: LoggerLibModule,
      // No routes: pino-http would bind each request, with its headers, to what is logged meanwhile.
      imports: [LoggerModule.forRoot({ pinoHttp: { logger, autoLogging: false }, forRoutes: [] })],
      providers: [{ provide: LOG, useValue: logger }],
      exports: [LOG],
    };
  }
}
