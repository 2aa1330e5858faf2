import type { ExportOptions } from '../../export/export-options';
import type { SyncedJournal } from '../../journal/journal';
import { comparePositions } from '../../journal/segments/segment-files';
import type { BlocksPage, BlocksQuery } from '../../statement/blocks';
import type { HistoryPoint, HistoryQuery } from '../../statement/history';
import type { ClosedPeriod } from '../../statement/period';
import type { RememberedQuery } from '../../statement/remembered-workers';
import type { Rates } from '../../statement/rates';
import type { Statement } from '../../statement/statement';
import type { UsagePage, UsageQuery } from '../../statement/usage-report';
import type { Verification } from '../../statement/verify';
import type { RememberedWorker } from '../../workers/worker-table';
import type { FromLedger, LedgerPort, LedgerRefusal, ReportName, ToLedger } from './ledger-protocol';
import type { LedgerReports, LedgerStatus } from './ledger-service';
import { Watchers } from './watchers';

/**
 * A question that the ledger did not answer. `code`: `BAD_QUERY`, `PERIOD_NOT_READY`, `LEDGER_GONE`, or a
 * database's own.
 */
export class LedgerError extends Error {
  readonly code: string;
  readonly journals: readonly string[];

  constructor({ code, message, journals = [] }: LedgerRefusal) {
    super(message);
    this.code = code;
    this.journals = journals;
  }
}

/** Far above what a batch of the fold takes, however busy the machine. */
const LONGEST_BATCH_MS = 10_000;

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The ledger as the relay's thread sees it: it never waits for it. */
export class LedgerClient implements LedgerReports {
  private lastStatus: LedgerStatus | undefined;
  private lastSynced: SyncedJournal | undefined;
  private readonly asked = new Map<number, Asked>();
  private asks = 0;
  private gone: Error | undefined;
  private readonly watchers = new Watchers();

  /**
   * `port`: the `Worker`. Its `error` and `exit` belong to whoever made it, who calls `lost`. `cut` ends the thread
   * wherever it is; absent where that is not safe.
   */
  constructor(
    private readonly port: LedgerPort<ToLedger, FromLedger>,
    private readonly cut?: () => void,
  ) {}

  start(): void {
    this.port.on('message', (message) => this.heard(message));
  }

  /** How the fold stands; undefined before the thread has said anything. */
  get status(): LedgerStatus | undefined {
    return this.lastStatus;
  }

  /** Tells the thread how much of the journal is on the disk. Given to `Journal.start`. */
  readonly synced = (journal: SyncedJournal): void => {
    this.lastSynced = journal;
    this.port.postMessage({ type: 'synced', journal });
  };

  /** Has all folded soon that is on the disk. */
  hurry(): void {
    if (this.lastSynced && !this.isFolded(this.lastSynced)) this.port.postMessage({ type: 'hurry' });
  }

  /** Prices statements at these from now on. */
  setRates(rates: Rates | null): void {
    this.port.postMessage({ type: 'rates', rates });
  }

  /** Sends usage there from now on; null sends nothing. */
  setExport(options: ExportOptions | null): void {
    this.port.postMessage({ type: 'export', options });
  }

  /** Seconds since the last record that is folded, or 0 where all is folded that is on the disk. */
  lagSeconds(now: number): number {
    if (!this.lastSynced || this.isFolded(this.lastSynced)) return 0;
    // Never folded anything: what waits is at least as old as this.
    const foldedThrough = this.lastStatus?.foldedThrough ?? 0;
    const since = foldedThrough > 0 ? foldedThrough : this.lastSynced.at;
    return Math.max(0, (now - since) / 1000);
  }

  usage(query: UsageQuery): Promise<UsagePage> {
    return this.ask('usage', query) as Promise<UsagePage>;
  }

  statement(clientId: string, month: string): Promise<Statement> {
    return this.ask('statement', clientId, month) as Promise<Statement>;
  }

  close(month: string, without: readonly string[] = []): Promise<ClosedPeriod> {
    return this.ask('close', month, without) as Promise<ClosedPeriod>;
  }

  verify(month: string): Promise<Verification> {
    return this.ask('verify', month) as Promise<Verification>;
  }

  history(query: HistoryQuery): Promise<readonly HistoryPoint[]> {
    return this.ask('history', query) as Promise<readonly HistoryPoint[]>;
  }

  blocks(query: BlocksQuery): Promise<BlocksPage> {
    return this.ask('blocks', query) as Promise<BlocksPage>;
  }

  rememberedWorkers(query: RememberedQuery): Promise<readonly RememberedWorker[]> {
    return this.ask('rememberedWorkers', query) as Promise<readonly RememberedWorker[]>;
  }

  /**
   * Waits until the journal is folded so far, at most `deadlineMs`, then ends the thread. Returns whether it is folded.
   *
   * Resolves when the thread has ended, not only its work: libsql aborts a process that exits while a thread is inside of
   * it. The batch under way is waited for beyond the deadline, or cut off at it where it can be.
   */
  async stop(last: SyncedJournal | undefined, deadlineMs: number): Promise<boolean> {
    const startedAt = performance.now();
    if (last) this.synced(last);
    this.hurry();
    const isDone = () => last === undefined || this.isFolded(last);
    const hasEnded = () => this.gone !== undefined;
    await this.watchers.until(isDone, deadlineMs);
    this.port.postMessage({ type: 'stop' });
    if (this.cut) {
      await this.watchers.until(hasEnded, Math.max(0, deadlineMs - (performance.now() - startedAt)));
      if (!hasEnded()) this.cut();
    }
    await this.watchers.until(hasEnded, LONGEST_BATCH_MS);
    return isDone();
  }

  /** The thread has ended: nothing that was asked will be answered any more. */
  lost(reason: string): void {
    this.gone = new LedgerError({ code: 'LEDGER_GONE', message: reason });
    for (const { reject } of this.asked.values()) reject(this.gone);
    this.asked.clear();
    this.watchers.tell();
  }

  private isFolded({ position }: SyncedJournal): boolean {
    const folded = this.lastStatus?.folded;
    return folded !== undefined && comparePositions(folded, position) >= 0;
  }

  private heard(message: FromLedger): void {
    switch (message.type) {
      case 'status':
        this.lastStatus = message.status;
        this.watchers.tell();
        break;
      case 'answer':
        this.settle(message.id)?.resolve(message.answer);
        break;
      case 'refusal':
        this.settle(message.id)?.reject(new LedgerError(message.refusal));
    }
  }

  private ask(report: ReportName, ...parameters: readonly unknown[]): Promise<unknown> {
    if (this.gone) return Promise.reject(this.gone);
    this.asks += 1;
    const id = this.asks;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.port.postMessage({ type: 'ask', id, report, parameters });
    });
  }

  private settle(id: number): Asked | undefined {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    return asked;
  }
}
