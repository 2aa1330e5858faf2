export type { Log } from './lib/log';
export { isLogLevel, LOG_LEVELS, type LogLevel } from './lib/log-level';
export { LOG_FORMATS, type LogFormat } from './lib/log-format';
export { createRootLogger, type RootLogger, type RootLoggerOptions } from './lib/root-logger';
export { untrusted } from './lib/untrusted';
export { LoggerLibModule } from './lib/logger.module';
export { LOG } from './lib/logger.tokens';
