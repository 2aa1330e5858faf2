import { ExportLog } from '../../export/export-log';
import type { ExportOptions } from '../../export/export-options';
import type { SyncedJournal } from '../../journal/journal';
import type { BlocksPage, BlocksQuery } from '../../statement/blocks';
import type { HistoryPoint, HistoryQuery } from '../../statement/history';
import type { ClosedPeriod } from '../../statement/period';
import type { RememberedQuery } from '../../statement/remembered-workers';
import type { Rates } from '../../statement/rates';
import type { Statement } from '../../statement/statement';
import type { UsagePage, UsageQuery } from '../../statement/usage-report';
import type { Verification } from '../../statement/verify';
import type { RememberedWorker } from '../../workers/worker-table';
import { DamageSeen } from './damage-seen';
import { LedgerClient } from './ledger-client';
import type { FromLedger, LedgerPort, ToLedger } from './ledger-protocol';
import type { LedgerOptions, LedgerReports, LedgerStatus } from './ledger-service';

/** The ledger's end of the channel; a `Worker` is one. `exit` comes once, whatever ended it. */
export interface LedgerWorkerPort extends LedgerPort<ToLedger, FromLedger> {
  on(event: 'message', listener: (message: FromLedger) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  /** Ends it wherever it is; `exit` follows. */
  terminate(): unknown;
}

/** Begins a thread with the ledger in it; called again each time that it dies. */
export type MakeLedgerPort = (options: LedgerOptions) => LedgerWorkerPort;

/** What is said of the thread; a pino logger fits. */
export interface LedgerThreadLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const RESTART_AFTER_MS = 1_000;

/** The ledger's thread, begun again when it dies: the journal goes on meanwhile, and nothing is lost. */
export class LedgerThread implements LedgerReports {
  /** Outlives the thread. */
  readonly damageSeen = new DamageSeen();
  private client: LedgerClient | undefined;
  private lastSynced: SyncedJournal | undefined;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;
  private lastError: string | undefined;
  private readonly exportLog: ExportLog;

  constructor(
    private options: LedgerOptions,
    private readonly make: MakeLedgerPort,
    private readonly log: LedgerThreadLog,
  ) {
    this.exportLog = new ExportLog(log);
  }

  start(): void {
    const port = this.make(this.options);
    // A server rolls back what was cut off. libsql must not be left in the middle: it would abort the process.
    const cut = this.options.location.kind === 'postgres' ? () => void port.terminate() : undefined;
    const client = new LedgerClient(port, cut);
    this.client = client;
    port.on('message', (message) => {
      if (message.type !== 'status') return;
      this.damageSeen.note(message.status);
      this.noteError(message.status);
      this.exportLog.note(message.status.export);
    });
    port.on('error', (error) => this.log.error({ err: error }, 'the thread of the ledger failed'));
    port.on('exit', (code) => {
      client.lost(`the thread of the ledger ended with ${code}`);
      if (this.stopping) return;
      this.restart = setTimeout(() => this.start(), RESTART_AFTER_MS);
      this.restart.unref();
    });
    client.start();
    if (this.lastSynced) client.synced(this.lastSynced);
  }

  /** Hands on how much of the journal is on the disk. */
  readonly synced = (journal: SyncedJournal): void => {
    this.lastSynced = journal;
    this.client?.synced(journal);
  };

  /** Prices statements at these from now on; closed months keep theirs. */
  setRates(rates: Rates | null): void {
    this.options = { ...this.options, rates };
    this.client?.setRates(rates);
  }

  /** Sends usage there from now on; null sends nothing. */
  setExport(options: ExportOptions | null): void {
    this.options = { ...this.options, export: options };
    this.client?.setExport(options);
  }

  get status(): LedgerStatus | undefined {
    return this.client?.status;
  }

  /** Has all folded soon that is on the disk; without being asked it waits for more to come. */
  hurry(): void {
    this.client?.hurry();
  }

  lagSeconds(now: number): number {
    return this.client?.lagSeconds(now) ?? 0;
  }

  usage(query: UsageQuery): Promise<UsagePage> {
    return this.running().usage(query);
  }

  statement(clientId: string, month: string): Promise<Statement> {
    return this.running().statement(clientId, month);
  }

  close(month: string, without?: readonly string[]): Promise<ClosedPeriod> {
    return this.running().close(month, without);
  }

  verify(month: string): Promise<Verification> {
    return this.running().verify(month);
  }

  history(query: HistoryQuery): Promise<readonly HistoryPoint[]> {
    return this.running().history(query);
  }

  blocks(query: BlocksQuery): Promise<BlocksPage> {
    return this.running().blocks(query);
  }

  rememberedWorkers(query: RememberedQuery): Promise<readonly RememberedWorker[]> {
    return this.running().rememberedWorkers(query);
  }

  /**
   * Waits until the journal is folded so far, at most `deadlineMs`, and ends the thread; in SQLite the batch under way is
   * waited for. Returns whether it is.
   */
  async stop(last: SyncedJournal | undefined, deadlineMs: number): Promise<boolean> {
    this.stopping = true;
    clearTimeout(this.restart);
    return this.client === undefined || (await this.client.stop(last, deadlineMs));
  }

  /** Says once what is wrong, and once that it is over. */
  private noteError({ error, refused }: LedgerStatus): void {
    if (error === this.lastError) return;
    if (error === undefined) this.log.info({}, 'the ledger takes usage again');
    else if (refused)
      this.log.error({ error }, 'the ledger refuses the journal: nothing is folded until this is mended');
    else this.log.error({ error }, 'the ledger cannot be written: the journal keeps usage meanwhile');
    this.lastError = error;
  }

  private running(): LedgerClient {
    if (!this.client) throw new Error('the ledger was not started');
    return this.client;
  }
}
