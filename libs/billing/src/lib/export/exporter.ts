import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LedgerDatabase } from '../ledger/database/database';
import { lockedTransaction } from '../ledger/database/fold-lock';
import type { Turns } from '../ledger/thread/turns';
import { BackOff } from './back-off';
import { EventMaker } from './event-maker';
import type { ExportOptions, ExportStatus } from './export-options';
import { forgetEvents, waitingEvents } from './outbox';
import { sendEvents } from './receiver';
import { claimJournal, journalsToSend, type SentJournal } from './senders';
import { waitingSince } from './waiting-since';

/** What an exporter works with. */
export interface ExporterParts {
  /** The ledger, opened and with its schema; rejects while it is away. */
  readonly ready: () => Promise<LedgerDatabase>;
  /** Shared with the reports, so that the fold always has a connection. */
  readonly turns: Turns;
  /** The journal of this process. */
  readonly journalId: string;
  readonly now: () => number;
  /** Told of each change; undefined while there is no export. */
  readonly changed: (status: ExportStatus | undefined) => void;
  readonly backOff?: BackOff;
}

/** The receiver has not confirmed what it was sent. */
class NotTakenError extends Error {
  constructor(
    reason: string,
    readonly refused: boolean,
  ) {
    super(reason);
  }
}

/**
 * Sends the usage of finished hours, at least once and each event always the same, and tries for ever. All that it has to
 * remember is in the ledger: it may end, or be killed, at any point. It waits beside the fold and never holds it.
 */
export class Exporter {
  private readonly backOff: BackOff;
  private running: Promise<void> | undefined;
  private stopped = false;
  /** Of the request under way. */
  private abort: AbortController | undefined;
  private wake: () => void = () => undefined;
  private maker: EventMaker | undefined;
  private status: ExportStatus | undefined;

  constructor(
    private readonly parts: ExporterParts,
    private options: ExportOptions | null,
  ) {
    this.backOff = parts.backOff ?? new BackOff();
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Sends there from now on, at once; null sends nothing. */
  configure(options: ExportOptions | null): void {
    if (JSON.stringify(options) === JSON.stringify(this.options)) return;
    this.options = options;
    this.backOff.reset();
    this.interrupt();
  }

  /** Ends after the statement under way; a request under way is cut off. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.interrupt();
    await this.running;
  }

  private interrupt(): void {
    this.abort?.abort();
    this.wake();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const { options } = this;
      if (options === null) {
        this.report(undefined);
        await this.pause(undefined, options);
        continue;
      }
      await this.pause(await this.attempt(options), options);
    }
  }

  /** Sends what there is to send; returns after how long there is something to do again. */
  private async attempt(options: ExportOptions): Promise<number> {
    try {
      await this.sendAll(options);
      this.backOff.reset();
      return options.intervalMs;
    } catch (error) {
      if (!this.isInForce(options)) return 0;
      const refused = error instanceof NotTakenError && error.refused;
      const message = error instanceof NotTakenError ? error.message : `the ledger: ${String(error)}`;
      this.report({ waitingSince: this.status?.waitingSince ?? null, error: message, refused });
      return refused ? this.backOff.slowly() : this.backOff.again();
    }
  }

  private async sendAll(options: ExportOptions): Promise<void> {
    const { ready, turns, journalId, now } = this.parts;
    const database = await ready();
    const { tables } = database;
    this.maker ??= new EventMaker(database, await ledgerIdOf(database), journalId);
    const journals = await turns.take(() => journalsToSend(tables, journalId, now()));
    const look = async () => {
      const since = await turns.take(() => waitingSince(tables, journals, options.from));
      this.report({ refused: false, error: undefined, ...this.status, waitingSince: since });
    };
    await look();
    for (const journal of journals) {
      while (this.isInForce(options) && (await this.advance(database, this.maker, journal, options))) {
        // SQLite answers at once: without a turn in between nothing else would be heard.
        await nextTurn();
        await look();
      }
    }
    if (this.isInForce(options)) await look();
    // Nothing was left to send, so nothing is known to be wrong.
    if (this.isInForce(options) && this.status)
      this.report({ ...this.status, error: undefined, refused: false });
  }

  /** Sends one request, or makes events where there are none; returns whether there may be more to do. */
  private async advance(
    database: LedgerDatabase,
    maker: EventMaker,
    journal: SentJournal,
    options: ExportOptions,
  ): Promise<boolean> {
    const { turns, journalId: sender, now } = this.parts;
    const { journalId } = journal;
    const { tables } = database;
    const events = await turns.take(() =>
      lockedTransaction(tables).execute(async (step) =>
        (await claimJournal(step, journalId, sender, now()))
          ? await waitingEvents(step, journalId, options.batchSize)
          : undefined,
      ),
    );
    if (!events) return false;
    if (events.length === 0) {
      return (await turns.take(() => maker.makePage(journal, options.from, now()))) === 'made';
    }
    if (!this.isInForce(options)) return false;
    const abort = new AbortController();
    this.abort = abort;
    const answer = await sendEvents(
      events.map(({ event }) => event),
      options,
      abort.signal,
    );
    if (answer.kind !== 'taken') throw new NotTakenError(answer.reason, answer.kind === 'refused');
    await turns.take(() => forgetEvents(tables, journalId, events));
    this.backOff.reset();
    if (this.status?.error !== undefined) this.report({ ...this.status, error: undefined, refused: false });
    return true;
  }

  private isInForce(options: ExportOptions): boolean {
    return !this.stopped && this.options === options;
  }

  private report(status: ExportStatus | undefined): void {
    if (JSON.stringify(status) === JSON.stringify(this.status)) return;
    this.status = status;
    this.parts.changed(status);
  }

  /** For so long, or until it is stopped or configured anew. */
  private pause(ms: number | undefined, options: ExportOptions | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.stopped || this.options !== options) this.wake();
    });
  }
}

async function ledgerIdOf({ tables }: LedgerDatabase): Promise<string> {
  const { ledger_id } = await tables
    .selectFrom('ledger_identity')
    .select('ledger_id')
    .executeTakeFirstOrThrow();
  return ledger_id;
}
