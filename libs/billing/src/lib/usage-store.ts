import { exportLagSeconds, type ExportOptions } from './export/export-options';
import type { JournalFault } from './journal/journal';
import { openJournal, type OpenJournal } from './journal/open-journal';
import { LedgerThread, type LedgerThreadLog, type MakeLedgerPort } from './ledger/thread/ledger-thread';
import { ledgerLocation } from './ledger/database/database';
import type { LedgerReports, LedgerStatus } from './ledger/thread/ledger-service';
import type { LatencyHistogram } from './metering/latency-histogram';
import type { FactSink } from './metering/session-usage';
import type { Rates } from './statement/rates';
import type { Fact } from './journal/records/record';

/**
 * Where usage is kept, for how long, and what it costs. A folded segment goes when it is too old or the
 * journal is too large; one that is not folded never does.
 */
export interface UsageStoreOptions {
  readonly dataDirectory: string;
  /** PostgreSQL, or null for SQLite in the data directory. */
  readonly databaseUrl: string | null;
  readonly journalRetentionDays: number;
  readonly journalMaxBytes: number;
  readonly sessionsRetentionDays: number;
  readonly rates: Rates | null;
  /** Where usage is sent; absent or null it is not. */
  readonly export?: ExportOptions | null;
  /** A label for people. */
  readonly instance: string;
}

/** How usage is kept at the moment. */
export interface UsageHealth {
  /** Present while the journal takes nothing: new usage waits in memory. */
  readonly journalFault: JournalFault | undefined;
  readonly journalErrors: number;
  readonly journalBytes: number;
  /** Seconds by which the ledger is behind the journal. */
  readonly ledgerLagSeconds: number;
  /** Why nothing is folded at the moment. */
  readonly ledgerError: string | undefined;
  /** The error does not go away by itself. */
  readonly ledgerRefused: boolean;
  /** Records of the journal that could not be read, over its whole life. */
  readonly badRecords: number;
  /** Since this process began: such records, and sessions whose beginning was among them. */
  readonly damageSeen: { readonly badRecords: number; readonly orphans: number };
  /** How long the oldest usage has waited that could have been sent; undefined where there is no export. */
  readonly exportLagSeconds: number | undefined;
  readonly exportFails: boolean;
}

/**
 * Keeps usage: the journal, which every fact goes into at once, and the ledger's thread, which folds it. Owns the
 * data directory from `open` to `stop`.
 */
export class UsageStore implements FactSink {
  private somethingIsLost = false;

  private constructor(
    private readonly open: OpenJournal,
    private readonly thread: LedgerThread,
    private readonly log: LedgerThreadLog,
  ) {}

  /**
   * Takes the data directory for this process. Throws `DataDirectoryInUseError`, `JournalUnusableError`, or what
   * the disk says.
   */
  static open(options: UsageStoreOptions, makePort: MakeLedgerPort, log: LedgerThreadLog): UsageStore {
    const open = openJournal(options.dataDirectory);
    const ledger = {
      journalDirectory: open.directory,
      journalId: open.journal.journalId,
      instance: options.instance,
      location: ledgerLocation(options.dataDirectory, options.databaseUrl),
      journalRetentionDays: options.journalRetentionDays,
      journalMaxBytes: options.journalMaxBytes,
      sessionsRetentionDays: options.sessionsRetentionDays,
      rates: options.rates,
      export: options.export ?? null,
    };
    return new UsageStore(open, new LedgerThread(ledger, makePort, log), log);
  }

  start(): void {
    this.thread.start();
    this.open.journal.start(this.thread.synced);
  }

  append(fact: Fact): void {
    this.open.journal.append(fact);
  }

  flush(): void {
    this.open.journal.flush();
  }

  /** Prices statements at these from now on; closed months keep theirs. */
  setRates(rates: Rates | null): void {
    this.thread.setRates(rates);
  }

  /** Sends usage there from now on; null sends nothing. */
  setExport(options: ExportOptions | null): void {
    this.thread.setExport(options);
  }

  get journalId(): string {
    return this.open.journal.journalId;
  }

  /** Bytes of an unfinished record that the last process left and that were cut at the start. */
  get cutBytes(): number {
    return this.open.cutBytes;
  }

  get journalWriteSeconds(): LatencyHistogram {
    return this.open.journal.writeSeconds;
  }

  /** Has all folded soon that is in the journal; without being asked the ledger waits for more to come. */
  hurry(): void {
    this.thread.hurry();
  }

  get reports(): LedgerReports {
    return this.thread;
  }

  /** Whether usage that waited for the disk went with `stop`: it is in no journal, and in no bill. */
  get lost(): boolean {
    return this.somethingIsLost;
  }

  health(now: number): UsageHealth {
    const { journal } = this.open;
    const status: LedgerStatus | undefined = this.thread.status;
    return {
      journalFault: journal.fault,
      journalErrors: journal.errorCount,
      journalBytes: status?.journal.bytes ?? 0,
      ledgerLagSeconds: this.thread.lagSeconds(now),
      ledgerError: status?.error,
      ledgerRefused: status?.refused ?? false,
      badRecords: status?.badRecords ?? 0,
      damageSeen: this.thread.damageSeen,
      exportLagSeconds: exportLagSeconds(status?.export, now),
      exportFails: status?.export?.error !== undefined,
    };
  }

  /**
   * Writes and syncs what is left, lets the ledger fold it for at most `deadlineMs`, and gives the data directory
   * back. Resolves to whether all of it is folded; the rest waits for the next start.
   */
  async stop(deadlineMs: number): Promise<boolean> {
    const startedAt = performance.now();
    // A disk that hangs in a sync would hold the whole shutdown.
    const last = await Promise.race([this.open.journal.close(), after(deadlineMs)]);
    this.sayWhatIsLost();
    const leftMs = Math.max(0, deadlineMs - (performance.now() - startedAt));
    const folded = (await this.thread.stop(last, leftMs)) && last !== undefined;
    if (!folded)
      this.log.info({}, 'the ledger is behind: it folds the rest of the journal at the next start');
    this.open.lock.release();
    return folded;
  }

  /** The memory in which usage waited for the disk ends with the process. */
  private sayWhatIsLost(): void {
    const { fault } = this.open.journal;
    if (!fault) return;
    this.somethingIsLost = true;
    this.log.error({ ...fault }, 'usage is lost: it waited for the journal, which could not be written');
  }
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms).unref());
}
