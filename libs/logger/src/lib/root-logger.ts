import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { standardOutput } from './destination';
import { formatted, type LogFormat } from './log-format';
import type { LogLevel } from './log-level';
import { redactObjectsOnly } from './plain-values';
import { REDACTED, SECRET_PATHS } from './redaction';

/** The logger that all lines go through. A `Log`, whose `level` may be changed while it is in use. */
export type RootLogger = Logger;

/** What is written, and under whose name. */
export interface RootLoggerOptions {
  readonly level: LogLevel;
  /** Names the proxy in each line, where several write to one place. */
  readonly instanceId?: string;
  /** JSON unless it is said. */
  readonly format?: LogFormat;
}

/**
 * Makes the root logger: one JSON object a line, secrets redacted.
 *
 * Made before Nest exists, once for each process, and handed to `LoggerLibModule.forRoot`.
 * Lines go to standard output unless a destination is given.
 */
export function createRootLogger(
  { level, instanceId, format = 'json' }: RootLoggerOptions,
  destination: DestinationStream = formatted(format, standardOutput(), process.stdout.isTTY),
): RootLogger {
  const logger = pino(
    {
      level,
      base: instanceId === undefined ? { pid: process.pid } : { pid: process.pid, instance_id: instanceId },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...SECRET_PATHS], censor: REDACTED },
    },
    destination,
  );
  redactObjectsOnly(logger);
  return logger;
}
