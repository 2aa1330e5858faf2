import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { LatencyHistogram } from '../metering/latency-histogram';
import { cleanText } from './records/clean-text';
import type { PreparedDirectory } from './journal-directory';
import type { JournalFiles } from './segments/journal-files';
import { JOURNAL_FORMAT, type Fact, type JournalRecord } from './records/record';
import { encodeRecord } from './records/record-codec';
import { RecordEncoder } from './records/record-encoder';
import type { Position } from './segments/segment-files';
import { SegmentSync } from './segments/segment-sync';
import { SegmentWriter } from './segments/segment-writer';
import { TurnLines } from './records/turn-lines';
import { WaitingFacts, type WaitingLimits } from './waiting-facts';

const WRITE_BOUNDS: readonly number[] = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.05, 0.25, 1,
];
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 30_000;

/**
 * For tests, mostly: what is absent is what a proxy runs with. Segments of 64 MiB or an hour, a sync each
 * second.
 */
export interface JournalOptions {
  readonly maxSegmentBytes?: number;
  readonly maxSegmentAgeMs?: number;
  readonly syncIntervalMs?: number;
  /** After so long without a record the journal says that it lives. */
  readonly tickIntervalMs?: number;
  readonly waitingLimits?: WaitingLimits;
  /** Wall clock: what records are dated with. It may jump. */
  readonly now?: () => number;
  /** Milliseconds of a clock that does not jump. */
  readonly elapsed?: () => number;
}

/** What may be folded: all before it is on the disk. `at` is the time of the last record there. */
export interface SyncedJournal {
  readonly position: Position;
  readonly at: number;
}

/** Why the journal cannot be written, since when, and how much waits in memory. */
export interface JournalFault {
  readonly error: string;
  readonly since: number;
  readonly waiting: number;
}

/**
 * The append-only file of what is billed.
 *
 * `append` never blocks and never throws: what is appended in one turn of the event loop is written at its
 * end with one write, and is then safe from the death of the process; once a second it is put on the disk,
 * and is then safe from the death of the machine. While the disk takes nothing, facts wait in bounded memory.
 */
export class Journal {
  readonly journalId: string;
  /** Seconds that writes took. */
  readonly writeSeconds = new LatencyHistogram(WRITE_BOUNDS);

  private readonly writer: SegmentWriter;
  private readonly encoder = new RecordEncoder(() => this.writer.position.segment);
  private readonly syncer: SegmentSync;
  private readonly waiting: WaitingFacts;
  private readonly options: Required<Omit<JournalOptions, 'waitingLimits'>>;
  private readonly lines = new TurnLines();
  private turn: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private retryMs = FIRST_RETRY_MS;
  private failure: { readonly error: string; readonly since: number } | undefined;
  private errors = 0;
  private lastRecordAt = 0;
  private lastRecordElapsed = 0;
  private run = 0;
  private closed = false;

  constructor(prepared: PreparedDirectory, files: JournalFiles, options: JournalOptions = {}) {
    const { waitingLimits, ...rest } = options;
    this.journalId = prepared.journalId;
    this.waiting = new WaitingFacts((record) => this.encoder.record(record), waitingLimits);
    this.writer = new SegmentWriter(prepared.directory, prepared.lastSegment, files);
    this.syncer = new SegmentSync(prepared.directory, files);
    this.options = {
      maxSegmentBytes: 64 * 1024 * 1024,
      maxSegmentAgeMs: 3_600_000,
      syncIntervalMs: 1_000,
      tickIntervalMs: 30_000,
      now: Date.now,
      elapsed: () => performance.now(),
      ...rest,
    };
  }

  /** Begins a run with a segment of its own. `synced` is called whenever more may be folded. */
  start(synced: (journal: SyncedJournal) => void = () => undefined): void {
    this.run = this.writer.nextSegment;
    this.attempt(() => this.openSegment());
    this.timer = setInterval(() => {
      this.beat();
      if (!this.syncer.busy) void this.sync(synced);
    }, this.options.syncIntervalMs);
    this.timer.unref();
  }

  /** Takes a fact, dated now. Nothing is taken any more once the journal is closed. */
  append(fact: Fact): void {
    if (this.closed) return;
    const at = this.options.now();
    this.lastRecordAt = at;
    // Most facts are shares, of which nothing has to be remembered while they can be written.
    if (fact.kind === 'share' && !this.failure) this.encoder.share(fact, at, this.lines);
    else this.take(dated(clean(fact), at));
    this.turn ??= setImmediate(this.turnEnds);
  }

  /** Writes what was appended in this turn, where something was. Called by itself at the end of the turn. */
  flush(): void {
    if (this.turn === undefined) return;
    clearImmediate(this.turn);
    this.turnEnds();
  }

  /** Writes what waits now, where something waits, instead of when it is time to. */
  tryAgain(): void {
    if (!this.failure) return;
    clearTimeout(this.retry);
    this.recover();
  }

  /** The end of what was written. */
  get written(): Position {
    return this.writer.position;
  }

  get fault(): JournalFault | undefined {
    return this.failure && { ...this.failure, waiting: this.waiting.size };
  }

  /** Writes and syncs that failed, and segments that could not be opened. */
  get errorCount(): number {
    return this.errors + this.syncer.errors;
  }

  /**
   * Says that the run has ended, writes and syncs all, and closes. Returns the position that may be folded, or
   * undefined where something was lost with the disk.
   */
  async close(): Promise<SyncedJournal | undefined> {
    clearInterval(this.timer);
    clearTimeout(this.retry);
    this.flush();
    this.tryAgain();
    this.append({ kind: 'stop' });
    this.closed = true;
    this.flush();
    clearTimeout(this.retry);
    let last: SyncedJournal | undefined;
    await this.sync((journal) => (last = journal));
    this.writer.close();
    return this.failure === undefined ? last : undefined;
  }

  private readonly turnEnds = (): void => {
    this.turn = undefined;
    this.lastRecordElapsed = this.options.elapsed();
    if (!this.failure && this.lines.length > 0) this.attempt(this.writeLines);
  };

  private readonly writeLines = (): void => {
    const { lines } = this;
    this.rotate(this.lastRecordElapsed);
    try {
      this.write(lines.bytes, lines.length);
    } finally {
      lines.clear();
    }
  };

  private take(record: JournalRecord): void {
    if (record.kind === 'open') this.waiting.follow(record);
    if (this.failure) this.waiting.keep(record);
    else this.lines.add(this.encoder.record(record));
    if (record.kind !== 'open') this.waiting.follow(record);
  }

  private beat(): void {
    const quietMs = this.options.elapsed() - this.lastRecordElapsed;
    if (!this.failure && quietMs >= this.options.tickIntervalMs) this.append({ kind: 'tick' });
  }

  private async sync(synced: (journal: SyncedJournal) => void): Promise<void> {
    const { position, file } = this.writer;
    if (file === undefined) return;
    const at = this.lastRecordAt;
    const done = await this.syncer.sync(file, this.writer.takeFinished(), position);
    if (done) synced({ position, at });
  }

  private rotate(now: number): void {
    const { maxSegmentBytes, maxSegmentAgeMs } = this.options;
    const full = this.writer.position.offset >= maxSegmentBytes;
    const old = now - this.writer.openedAt >= maxSegmentAgeMs;
    if (!full && !old) return;
    try {
      this.openSegment();
    } catch {
      this.errors += 1; // the old segment goes on; whether it can be written shows at once
    }
  }

  private openSegment(): void {
    const { sessionPrefix } = this.encoder;
    const header = (segment: number) =>
      encodeRecord({
        kind: 'segment',
        format: JOURNAL_FORMAT,
        journal_id: this.journalId,
        segment,
        run: this.run,
        mark: randomBytes(8).toString('hex'),
        ...(sessionPrefix === undefined ? {} : { sessions: sessionPrefix }),
        at: this.options.now(),
      });
    this.writer.open(header, this.options.elapsed());
    this.syncer.directoryChanged();
  }

  private write(bytes: Buffer, length = bytes.length): void {
    const start = this.options.elapsed();
    try {
      this.writer.write(bytes, length);
    } finally {
      this.writeSeconds.observe((this.options.elapsed() - start) / 1000);
    }
  }

  /** From the first failure on nothing is written but by `recover`. */
  private attempt(step: () => void): void {
    try {
      step();
      this.failure = undefined;
      this.retryMs = FIRST_RETRY_MS;
    } catch (error) {
      this.errors += 1;
      this.failure ??= { error: messageOf(error), since: this.options.now() };
      this.retry = setTimeout(() => this.recover(), this.retryMs).unref();
      this.retryMs = Math.min(this.retryMs * 2, LAST_RETRY_MS);
    }
  }

  private recover(): void {
    this.attempt(() => {
      if (this.writer.file === undefined) this.openSegment();
      this.writer.finishWrite();
      // Sessions that opened beyond the limit are found again even when nothing else waits.
      this.write(Buffer.from(this.waiting.take().join('')));
    });
  }
}

function clean(fact: Fact): Fact {
  if (!('worker' in fact) || fact.worker === null) return fact;
  const worker = cleanText(fact.worker);
  return worker === fact.worker ? fact : { ...fact, worker };
}

/**
 * Member by member for those of which each session has some: V8 makes a hidden class of its own for each copy by spread that
 * gets a member more.
 */
function dated(fact: Fact, at: number): JournalRecord {
  switch (fact.kind) {
    case 'open': {
      const { kind, session, listener, pool, source } = fact;
      return { kind, session, listener, pool, source, at };
    }
    case 'client': {
      const { kind, session, client_id, worker, dialect } = fact;
      return { kind, session, client_id, worker, dialect, at };
    }
    case 'usage': {
      const { kind, session, worker, dialect, bytes_sent, bytes_received, ms } = fact;
      return { kind, session, worker, dialect, bytes_sent, bytes_received, ms, at };
    }
    case 'close': {
      const { kind, session, worker, dialect, bytes_sent, bytes_received, ms, side, code } = fact;
      if (fact.proof !== undefined || fact.sent_to !== undefined) return { ...fact, at };
      return { kind, session, worker, dialect, bytes_sent, bytes_received, ms, side, code, at };
    }
    default:
      return { ...fact, at };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
