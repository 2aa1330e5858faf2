import { monthInterval } from '../ledger/database/calendar';

export const DAY_MS = 86_400_000;

/** A month as the pool counts its days: each begins `offsetMs` before that of UTC. */
export class PoolDays {
  /** The first day, and the first one behind the month; days are numbered since 1970. */
  readonly first: number;
  readonly end: number;

  /** Throws `BadQueryError` where `month` is none. */
  constructor(
    readonly month: string,
    readonly offsetMs: number,
  ) {
    const { from, to } = monthInterval(month);
    this.first = from / DAY_MS;
    this.end = to / DAY_MS;
  }

  dayOf(at: number): number {
    return Math.floor((at + this.offsetMs) / DAY_MS);
  }

  has(day: number): boolean {
    return day >= this.first && day < this.end;
  }

  /** When the day begins, milliseconds since 1970. */
  beginning(day: number): number {
    return day * DAY_MS - this.offsetMs;
  }

  /** Milliseconds since the day began that a time lies in. */
  timeOfDay(at: number): number {
    return at - this.beginning(this.dayOf(at));
  }
}

/** `2026-11-01`. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
