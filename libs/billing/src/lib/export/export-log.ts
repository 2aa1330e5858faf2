import type { ExportStatus } from './export-options';

interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Says once what is wrong with the export, and once that it is over. */
export class ExportLog {
  private lastError: string | undefined;

  constructor(private readonly log: Log) {}

  note(status: ExportStatus | undefined): void {
    const error = status?.error;
    if (error === this.lastError) return;
    if (error === undefined) this.log.info({}, 'the export of usage goes on');
    else if (status?.refused === true)
      this.log.error({ error }, 'the receiver refuses usage: nothing is sent until this is mended');
    else this.log.error({ error }, 'usage cannot be sent: the ledger keeps it, and it is tried again');
    this.lastError = error;
  }
}
