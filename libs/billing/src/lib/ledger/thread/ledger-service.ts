import { setImmediate as nextTurn } from 'node:timers/promises';
import { Exporter } from '../../export/exporter';
import type { ExportOptions, ExportStatus } from '../../export/export-options';
import { JournalCare, type JournalSize } from '../../journal/journal-care';
import { JournalReader } from '../../journal/journal-reader';
import type { SyncedJournal } from '../../journal/journal';
import { comparePositions, type Position } from '../../journal/segments/segment-files';
import { closePeriod } from '../../statement/close-period';
import { blocks, type BlocksPage, type BlocksQuery } from '../../statement/blocks';
import { history, type HistoryPoint, type HistoryQuery } from '../../statement/history';
import type { ClosedPeriod } from '../../statement/period';
import type { Rates } from '../../statement/rates';
import { RememberedWorkers, type RememberedQuery } from '../../statement/remembered-workers';
import { statementFor, type Statement } from '../../statement/statement';
import { usageReport, type UsagePage, type UsageQuery } from '../../statement/usage-report';
import { verifyMonth, type Verification } from '../../statement/verify';
import type { RememberedWorker } from '../../workers/worker-table';
import { CONNECTIONS, openDatabase, type LedgerDatabase, type LedgerLocation } from '../database/database';
import { Folder, FoldRefusedError, type FoldPosition } from '../fold/folder';
import { LedgerTooNewError, migrate } from '../database/migrate';
import { bytesBetween, FOLD_BYTES, FoldPace } from './fold-pace';
import { removeOldSessions } from './old-sessions';
import { Turns } from './turns';
import { Watchers } from './watchers';

/** All that the ledger needs to know; plain data, so that it can be handed to a thread. */
export interface LedgerOptions {
  /** The directory with the journal's segments. */
  readonly journalDirectory: string;
  readonly journalId: string;
  /** A label for people. */
  readonly instance: string;
  readonly location: LedgerLocation;
  readonly journalRetentionDays: number;
  readonly journalMaxBytes: number;
  /** Of rows of sessions that have ended. */
  readonly sessionsRetentionDays: number;
  readonly rates: Rates | null;
  /** Where usage is sent; absent or null it is not. */
  readonly export?: ExportOptions | null;
}

/** How the fold stands. */
export interface LedgerStatus {
  /** All before it is in the ledger; undefined before the database was first reached. */
  readonly folded: Position | undefined;
  readonly foldedThrough: number;
  /** Damaged records that were skipped, and sessions whose beginning was among them. */
  readonly badRecords: number;
  readonly orphans: number;
  readonly journal: JournalSize;
  /** Why nothing is folded at the moment. */
  readonly error: string | undefined;
  /** The error is one that does not go away by itself: somebody has to look. */
  readonly refused: boolean;
  /** How usage is sent; absent where it is not. */
  readonly export?: ExportStatus | undefined;
}

/** The questions that a ledger answers. */
export interface LedgerReports {
  usage(query: UsageQuery): Promise<UsagePage>;
  statement(clientId: string, month: string): Promise<Statement>;
  close(month: string, without?: readonly string[]): Promise<ClosedPeriod>;
  /** Compares this journal's part of a month with its segments. */
  verify(month: string): Promise<Verification>;
  history(query: HistoryQuery): Promise<readonly HistoryPoint[]>;
  blocks(query: BlocksQuery): Promise<BlocksPage>;
  /** Workers that were seen lately, a page at a time. */
  rememberedWorkers(query: RememberedQuery): Promise<readonly RememberedWorker[]>;
}

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
const DAY_MS = 86_400_000;
const TIDY_EVERY_MS = 60_000;
/** So that segments which could not be tidied, or a clock that passes a retention, are looked at again. */
const LONGEST_REST_MS = 60_000;
/** What a report waits for the fold, at most: it says then what is there. */
const PRESENT_WITHIN_MS = 2_000;

/**
 * Folds the journal as it grows, tries again when the database is away, and answers questions, each with all that was
 * on the disk when it was asked, unless that is much. Belongs into a thread of its own: SQLite and compression block.
 */
export class LedgerService implements LedgerReports {
  private readonly reader: JournalReader;
  private readonly care: JournalCare;
  /** Fewer than there are connections: however long reports take, the fold has one. */
  private readonly reports = new Turns(CONNECTIONS - 1);
  private readonly remembered = new RememberedWorkers();
  private readonly pace = new FoldPace(() => performance.now());
  private until: Position | undefined;
  /** The `until` that the last step has looked at. */
  private seen: Position | undefined;
  private status: LedgerStatus;
  private running: Promise<void> | undefined;
  private stopped = false;
  private opened: LedgerDatabase | undefined;
  private folder: Folder | undefined;
  private opening: Promise<LedgerDatabase> | undefined;
  private verifying = 0;
  private tidiedAt = -Infinity;
  private retryMs = FIRST_RETRY_MS;
  private wake: () => void = () => undefined;
  /** Told of each change of the status. */
  private readonly watchers = new Watchers();
  private readonly exporter: Exporter;

  constructor(
    private options: LedgerOptions,
    private readonly changed: (status: LedgerStatus) => void = () => undefined,
    private readonly now: () => number = Date.now,
  ) {
    const { journalDirectory } = options;
    this.reader = new JournalReader(journalDirectory);
    this.care = new JournalCare(journalDirectory, {
      retentionDays: options.journalRetentionDays,
      maxBytes: options.journalMaxBytes,
    });
    this.status = {
      folded: undefined,
      foldedThrough: 0,
      badRecords: 0,
      orphans: 0,
      journal: { bytes: 0, unfoldedBytes: 0 },
      error: undefined,
      refused: false,
    };
    this.exporter = new Exporter(
      {
        ready: () => this.ready(),
        turns: this.reports,
        journalId: options.journalId,
        now,
        changed: (status) => this.report({ export: status }),
      },
      options.export ?? null,
    );
  }

  start(): void {
    this.running ??= this.run();
    this.exporter.start();
  }

  /** There is more on the disk. */
  synced({ position }: SyncedJournal): void {
    this.until = position;
    this.wake();
  }

  /** Somebody waits for what is on the disk. */
  hurry(): void {
    this.pace.ask();
    this.wake();
  }

  /** Prices statements at these from now on. */
  setRates(rates: Rates | null): void {
    this.options = { ...this.options, rates };
  }

  /** Sends usage there from now on; null sends nothing. */
  setExport(options: ExportOptions | null): void {
    this.exporter.configure(options);
  }

  /** Ends after the batch under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.exporter.stop();
    await this.running;
    this.reader.close();
    await this.opened?.close();
  }

  usage(query: UsageQuery): Promise<UsagePage> {
    return this.reports.take(async () => usageReport((await this.present()).tables, query));
  }

  statement(clientId: string, month: string): Promise<Statement> {
    const { rates } = this.options;
    return this.reports.take(async () =>
      statementFor(await this.present(), { clientId, month, rates, now: this.now() }),
    );
  }

  close(month: string, without: readonly string[] = []): Promise<ClosedPeriod> {
    const { rates } = this.options;
    return this.reports.take(async () =>
      closePeriod(await this.present(), { month, without, rates, now: this.now() }),
    );
  }

  history(query: HistoryQuery): Promise<readonly HistoryPoint[]> {
    return this.reports.take(async () => history((await this.present()).tables, query));
  }

  blocks(query: BlocksQuery): Promise<BlocksPage> {
    return this.reports.take(async () => blocks((await this.present()).tables, query));
  }

  rememberedWorkers(query: RememberedQuery): Promise<readonly RememberedWorker[]> {
    return this.reports.take(async () => this.remembered.page((await this.present()).tables, query));
  }

  async verify(month: string): Promise<Verification> {
    const { journalDirectory, journalId } = this.options;
    if (journalId === '') {
      throw new Error(
        `there is no journal in ${journalDirectory}: verify on the machine of the proxy, with its data_dir`,
      );
    }
    const database = await this.present();
    this.verifying += 1;
    // A reader of its own: the fold reads elsewhere meanwhile.
    const reader = new JournalReader(journalDirectory);
    try {
      return await verifyMonth(database, reader, journalId, month);
    } finally {
      reader.close();
      this.verifying -= 1;
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        const more = await this.step();
        this.retryMs = FIRST_RETRY_MS;
        // SQLite answers at once: without a turn between batches nothing else would be heard while it catches up.
        await (more ? nextTurn() : this.rest(LONGEST_REST_MS));
      } catch (error) {
        this.report({
          // Grows all the time, and what is not folded is never removed.
          journal: this.care.size(this.status.folded?.segment ?? 0),
          error: error instanceof Error ? error.message : String(error),
          refused: error instanceof FoldRefusedError || error instanceof LedgerTooNewError,
        });
        await this.pause(this.retryMs);
        this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  /** Returns whether there may be more to do at once. */
  private async step(): Promise<boolean> {
    const database = await this.ready();
    const { journalId, instance } = this.options;
    this.folder ??= new Folder(database, this.reader, { journalId, instance });
    if (!this.folder.folded) {
      await this.folder.resume();
      // So that what this process folds can be told from what earlier ones did. Only a batch shows that it can be written.
      this.report(standing(this.folder.folded));
    }
    this.seen = this.until;
    this.pace.begin();
    const more = this.seen !== undefined && (await this.folder.foldBatch(this.seen));
    const folded = this.folder.folded;
    if (!folded) return more;
    this.report({ ...standing(folded), error: undefined, refused: false });
    if (!more && this.verifying === 0) await this.tidy(database, folded.position);
    return more;
  }

  /** The database, with what is on the disk now folded into it, unless that is much or does not succeed. */
  private async present(): Promise<LedgerDatabase> {
    const database = await this.ready();
    const { until } = this;
    const isDone = () =>
      until === undefined ||
      this.stopped ||
      this.status.error !== undefined ||
      // Catching up: whoever asks is answered meanwhile.
      bytesBetween(this.status.folded, until) >= FOLD_BYTES ||
      comparePositions(this.status.folded ?? until, until) >= 0;
    if (isDone()) return database;
    this.hurry();
    await this.watchers.until(isDone, PRESENT_WITHIN_MS);
    return database;
  }

  /** The database, opened and with its schema; whoever needs it first opens it, and again after a failure. */
  private async ready(): Promise<LedgerDatabase> {
    this.opening ??= this.openAndMigrate();
    try {
      return await this.opening;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  private async openAndMigrate(): Promise<LedgerDatabase> {
    this.opened ??= openDatabase(this.options.location);
    await migrate(this.opened);
    return this.opened;
  }

  private async tidy(database: LedgerDatabase, { segment }: Position): Promise<void> {
    const now = performance.now();
    if (now - this.tidiedAt < TIDY_EVERY_MS) return;
    this.tidiedAt = now;
    this.report({ journal: await this.care.tidy(segment, this.now()) });
    const { journalRetentionDays, sessionsRetentionDays } = this.options;
    // A verification needs the sessions that the kept segments tell of.
    const days = Math.max(journalRetentionDays, sessionsRetentionDays);
    await removeOldSessions(database, this.now() - days * DAY_MS);
  }

  private report(news: Partial<LedgerStatus>): void {
    this.status = { ...this.status, ...news };
    this.changed(this.status);
    this.watchers.tell();
  }

  /** Until a fold is due, or for so long. */
  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let timer = setTimeout(resolve, ms);
      this.wake = () => {
        const { until, seen } = this;
        const dueMs = until && until !== seen ? this.pace.dueIn(this.status.folded, until) : ms;
        if (dueMs >= ms && !this.stopped) return;
        clearTimeout(timer);
        if (dueMs > 0 && !this.stopped) timer = setTimeout(resolve, dueMs);
        else resolve();
      };
      this.wake();
    });
  }

  /** For so long, whatever there is; only `stop` ends it early. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        if (!this.stopped) return;
        clearTimeout(timer);
        resolve();
      };
      this.wake();
    });
  }
}

function standing(place: FoldPosition | undefined): Partial<LedgerStatus> {
  if (!place) return {};
  const { position, foldedThrough, badRecords, orphans } = place;
  return { folded: position, foldedThrough, badRecords, orphans };
}
