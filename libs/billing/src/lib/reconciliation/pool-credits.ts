import type { FileFaults } from './file-faults';
import type { FileTime } from './file-time';
import type { Measure, SpelledAmount } from './measure';
import { DAY_MS, type PoolDays } from './pool-days';

/** What names in a file are of. */
export type Level = 'worker' | 'account' | 'all';

/** What a pool has credited to one name on one day, or in the whole month where its file has no days. */
export interface Credit {
  amount: bigint;
  /** By how much the file's own rounding may be off. */
  rounding: bigint;
}

interface Cell extends Credit {
  /** The hours of the day that rows were of, as bits; the 25th is a row of the whole day. */
  hours: number;
}

interface Name {
  readonly cells: Map<number, Cell>;
  lastAt: number | undefined;
}

/** The day of what a file without days says. */
export const WHOLE_MONTH = -1;

/** Ten thousand workers have 310,000 days in a month. */
const MOST_CELLS = 1_000_000;
const HOUR_MS = 3_600_000;
const WHOLE_DAY = 24;
/** Spans of rows that a clock has. */
const LEAST_SPAN_MS = 60_000;

/** One row of a file. */
export interface CreditRow {
  readonly name: string;
  /** Absent where the file has no days. */
  readonly time?: FileTime;
  readonly value: SpelledAmount;
}

/**
 * Adds up what a pool's files say of a month, by name and day, as they are read: needs memory for days of workers, not for
 * rows. Rows of other months are counted and left out.
 */
export class PoolCredits {
  /** Rows that were added, rows of other months, and rows of a name and time that another row has had. */
  rows = 0;
  otherMonths = 0;
  repeated = 0;
  level: Level = 'worker';
  private readonly byName = new Map<string, Name>();
  private cells = 0;
  private smallestGapMs = Infinity;
  private sawDay = false;
  private sawTime = false;
  private sawNone = false;
  /** A time that is not a day's beginning, for the message. */
  private offMidnight: string | undefined;

  constructor(
    readonly measure: Measure,
    readonly days: PoolDays,
  ) {}

  /** Throws `PoolFileError` where the files have more names and days than there is room for. */
  add({ name, time, value }: CreditRow, faults: FileFaults): void {
    const day = time === undefined ? WHOLE_MONTH : this.days.dayOf(time.at);
    if (time !== undefined && !this.days.has(day)) {
      this.otherMonths += 1;
      return;
    }
    this.rows += 1;
    const entry = this.nameOf(name);
    this.see(entry, time);
    const cell = this.cellOf(entry, day, faults);
    cell.amount += value.amount;
    cell.rounding += this.roundingOf(value);
    const bit = hourBit(time, this.days);
    if (bit === undefined) return;
    if ((cell.hours & bit) !== 0) this.repeated += 1;
    cell.hours |= bit;
  }

  /**
   * Ends the reading: mean hashrates become hashes. `spanMs` is what a row is of, where the user says; else it is what lies
   * between the rows of a name. Adds to `faults` where that cannot be told.
   */
  finish(spanMs: number | undefined, faults: FileFaults): void {
    if (this.sawDay && this.sawTime)
      faults.add('', 'some rows are of a day and some of a time: give one file for each');
    const span = spanMs ?? this.foundSpan();
    if (span === DAY_MS && !this.sawDay && this.offMidnight !== undefined) {
      faults.add(
        '',
        `rows are of a day, and one begins at ${this.offMidnight}: say with --utc-offset where the pool's days begin`,
      );
    }
    if (this.measure !== 'hashrate' || this.rows === 0) return;
    if (span === undefined) {
      faults.add('', 'it cannot be told how long each hashrate held: say --span hour, day or seconds');
      return;
    }
    const seconds = BigInt(span / 1000);
    for (const { cells } of this.byName.values()) {
      for (const cell of cells.values()) {
        cell.amount *= seconds;
        cell.rounding *= seconds;
      }
    }
  }

  get names(): Iterable<string> {
    return this.byName.keys();
  }

  /** What one name has on each day, or on `WHOLE_MONTH`. */
  of(name: string): ReadonlyMap<number, Credit> {
    return this.byName.get(name)?.cells ?? new Map<number, Credit>();
  }

  /** Whether the file tells days apart. */
  get hasDays(): boolean {
    return !this.sawNone;
  }

  /** The days that the file speaks of, the last one included; undefined where it has none of the month. */
  get span(): { readonly first: number; readonly last: number } | undefined {
    if (this.rows === 0) return undefined;
    if (this.sawNone) return { first: this.days.first, last: this.days.end - 1 };
    let [first, last] = [Infinity, -Infinity];
    for (const { cells } of this.byName.values()) {
      for (const day of cells.keys()) {
        first = Math.min(first, day);
        last = Math.max(last, day);
      }
    }
    return { first, last };
  }

  private nameOf(name: string): Name {
    let entry = this.byName.get(name);
    if (!entry) {
      entry = { cells: new Map(), lastAt: undefined };
      this.byName.set(name, entry);
    }
    return entry;
  }

  private cellOf({ cells }: Name, day: number, faults: FileFaults): Cell {
    let cell = cells.get(day);
    if (!cell) {
      this.cells += 1;
      if (this.cells > MOST_CELLS) {
        faults.add('', `has more than ${MOST_CELLS} days of workers: give it in parts`);
        faults.throwIfAny();
      }
      cell = { amount: 0n, rounding: 0n, hours: 0 };
      cells.set(day, cell);
    }
    return cell;
  }

  /** Learns what the times say about the span of rows. */
  private see(entry: Name, time: FileTime | undefined): void {
    if (time === undefined) {
      this.sawNone = true;
      return;
    }
    if (time.isDay) this.sawDay = true;
    else this.sawTime = true;
    if (!time.isDay && this.days.timeOfDay(time.at) !== 0)
      this.offMidnight ??= new Date(time.at).toISOString();
    const gap = Math.abs(time.at - (entry.lastAt ?? time.at));
    if (gap > 0) this.smallestGapMs = Math.min(this.smallestGapMs, gap);
    entry.lastAt = time.at;
  }

  private foundSpan(): number | undefined {
    if (this.sawNone) return (this.days.end - this.days.first) * DAY_MS;
    if (this.sawDay) return DAY_MS;
    const gap = this.smallestGapMs;
    return gap >= LEAST_SPAN_MS && gap <= DAY_MS && DAY_MS % gap === 0 ? gap : undefined;
  }

  /** A count is exact. Anything else may be rounded, or cut, in its last digit. */
  private roundingOf({ step }: SpelledAmount): bigint {
    return this.measure === 'shares' ? 0n : step;
  }
}

function hourBit(time: FileTime | undefined, days: PoolDays): number | undefined {
  if (time === undefined) return undefined;
  if (time.isDay) return 1 << WHOLE_DAY;
  const ms = days.timeOfDay(time.at);
  return ms % HOUR_MS === 0 ? 1 << (ms / HOUR_MS) : undefined;
}
