const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MINUTES = 61;
const HOURS = 25;

/** What is counted in each slot; minutes have the first two. */
const WORK = 0;
const ACCEPTED = 1;
const REJECTED = 2;
const STALE = 3;
const PER_MINUTE = 2;
const PER_HOUR = 4;

/** Where the hours begin, behind the minutes. */
const HOURS_AT = MINUTES * PER_MINUTE;

/** A hashrate with what is known of how good it is. */
export interface MeasuredRate {
  /** Hashes per second. */
  readonly perSecond: number;
  /**
   * The expected relative error: shares come by chance, and of n of them the work is off by 1/√n (their number is Poisson's). Null
   * where there is none to judge by.
   */
  readonly error: number | null;
}

/** Counts of the last 24 hours. */
export interface DayCounts {
  readonly accepted: number;
  readonly rejected: number;
  /** Of those accepted. */
  readonly stale: number;
}

/** One hour of a worker, as the ledger has it. */
export interface HourOfWork extends DayCounts {
  /** Milliseconds since 1970. */
  readonly hour: number;
  readonly hashes: number;
}

/**
 * Work and counts of one worker by minutes, for an hour, and by hours, for a day; about a kilobyte. Times are wall clock;
 * where that goes back, what comes counts in the slot that was last.
 */
export class WorkWindows {
  /** Both in one: each array of numbers has objects and memory beside it. */
  private readonly slots = new Float32Array(HOURS_AT + HOURS * PER_HOUR);
  private minute = 0;
  private hour = 0;

  /** `count` shares of `hashes` each. */
  accepted(hashes: number, isStale: boolean, now: number, count = 1): void {
    this.advance(now);
    const { slots } = this;
    add(slots, minuteAt(this.minute) + WORK, count * hashes);
    add(slots, minuteAt(this.minute) + ACCEPTED, count);
    add(slots, hourAt(this.hour) + WORK, count * hashes);
    add(slots, hourAt(this.hour) + ACCEPTED, count);
    if (isStale) add(slots, hourAt(this.hour) + STALE, count);
  }

  rejected(now: number, count = 1): void {
    this.advance(now);
    add(this.slots, hourAt(this.hour) + REJECTED, count);
  }

  /** Takes an hour from before this process began; what it has counted itself since then is part of it. */
  restore({ hour: start, hashes, accepted, rejected, stale }: HourOfWork, now: number): void {
    this.advance(now);
    const hour = Math.floor(start / HOUR_MS);
    if (hour > this.hour || hour <= this.hour - HOURS) return;
    [hashes, accepted, rejected, stale].forEach((value, index) => {
      const at = hourAt(hour) + index;
      this.slots[at] = Math.max(this.slots[at] ?? 0, value);
    });
  }

  /** Over the last `minutes`, 60 at most, or since `since` where that is later. */
  overMinutes(minutes: number, since: number, now: number): MeasuredRate {
    this.advance(now);
    const from = Math.max(since, (this.minute - minutes) * MINUTE_MS);
    let [work, shares] = [0, 0];
    for (let slot = this.minute - minutes; slot <= this.minute; slot += 1) {
      const at = minuteAt(slot);
      work += this.slots[at + WORK] ?? 0;
      shares += this.slots[at + ACCEPTED] ?? 0;
    }
    return rateOf(work, shares, now - from);
  }

  /** Over the last 24 hours, or since `since` where that is later. */
  overDay(since: number, now: number): MeasuredRate {
    const { work, accepted } = this.day(now);
    return rateOf(work, accepted, now - Math.max(since, (this.hour - HOURS + 1) * HOUR_MS));
  }

  countsOfDay(now: number): DayCounts {
    const { accepted, rejected, stale } = this.day(now);
    return { accepted, rejected, stale };
  }

  private day(now: number): DayCounts & { readonly work: number } {
    this.advance(now);
    const sums = [0, 0, 0, 0];
    for (let index = 0; index < HOURS * PER_HOUR; index += 1) {
      sums[index % PER_HOUR] = (sums[index % PER_HOUR] ?? 0) + (this.slots[HOURS_AT + index] ?? 0);
    }
    const [work = 0, accepted = 0, rejected = 0, stale = 0] = sums;
    return { work, accepted, rejected, stale };
  }

  private advance(now: number): void {
    const minute = Math.max(this.minute, Math.floor(now / MINUTE_MS));
    if (minute === this.minute) return;
    clear(this.slots.subarray(0, HOURS_AT), this.minute, minute, MINUTES, PER_MINUTE);
    this.minute = minute;
    const hour = Math.max(this.hour, Math.floor(now / HOUR_MS));
    clear(this.slots.subarray(HOURS_AT), this.hour, hour, HOURS, PER_HOUR);
    this.hour = hour;
  }
}

/** The place of a minute, also of one from before 1970. */
function minuteAt(minute: number): number {
  return (((minute % MINUTES) + MINUTES) % MINUTES) * PER_MINUTE;
}

function hourAt(hour: number): number {
  return HOURS_AT + (hour % HOURS) * PER_HOUR;
}

function add(slots: Float32Array, at: number, value: number): void {
  slots[at] = (slots[at] ?? 0) + value;
}

/** Empties the slots that begin after `before`, up to `now`. */
function clear(slots: Float32Array, before: number, now: number, count: number, each: number): void {
  if (now - before >= count) slots.fill(0);
  else {
    for (let slot = before + 1; slot <= now; slot += 1) {
      const at = (slot % count) * each;
      slots.fill(0, at, at + each);
    }
  }
}

/** A moment is too short to be divided by: a first share would be a hashrate without bounds. */
const SHORTEST_MS = 60_000;

function rateOf(work: number, shares: number, ms: number): MeasuredRate {
  return {
    perSecond: (work / Math.max(SHORTEST_MS, ms)) * 1000,
    error: shares > 0 ? 1 / Math.sqrt(shares) : null,
  };
}
