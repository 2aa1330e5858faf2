import { createRootLogger, type RootLogger } from '@mining-proxy/logger';

/** What a log line holds, as far as tests ask. */
export interface LogLine {
  readonly level: string;
  readonly msg?: string;
  readonly context?: string;
  readonly [field: string]: unknown;
}

/**
 * The log of a spec file: nestjs-pino keeps the first logger of a process for good, so there is one for all
 * the applications of a file, and tests empty it.
 */
export class TestLog {
  readonly written: string[] = [];
  readonly logger: RootLogger = createRootLogger(
    { level: 'trace' },
    { write: (line: string) => void this.written.push(line) },
  );

  get lines(): readonly LogLine[] {
    return this.written.map((line) => JSON.parse(line) as LogLine);
  }

  clear(): void {
    this.written.length = 0;
  }
}
