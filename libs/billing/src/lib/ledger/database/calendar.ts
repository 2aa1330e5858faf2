import { BadQueryError } from '../../statement/bad-query';

const HOUR_MS = 3_600_000;

/** Start of the hour that the time lies in; both milliseconds since 1970, UTC. */
export function startOfHour(at: number): number {
  return Math.floor(at / HOUR_MS) * HOUR_MS;
}

/** The first millisecond behind the hour that begins then. */
export function endOfHour(hour: number): number {
  return hour + HOUR_MS;
}

/** The UTC month of a time as `YYYY-MM`. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}

/** Half-open: from its first millisecond to the first one of the next month. */
export function monthInterval(month: string): { readonly from: number; readonly to: number } {
  // Not year 0 to 999: JavaScript takes the first hundred of them for 1900 and on.
  const match = /^([1-9]\d{3})-(0[1-9]|1[0-2])$/.exec(month);
  if (!match) throw new BadQueryError(`${month} is not a month: YYYY-MM`);
  const year = Number(match[1]);
  const index = Number(match[2]) - 1;
  return { from: Date.UTC(year, index), to: Date.UTC(year, index + 1) };
}

export function nextMonth(month: string): string {
  return monthOf(monthInterval(month).to);
}

/** Cuts the time that ended at `end` at the hours' edges: the parts add up to `ms`, the last one first. */
export function* byHour(end: number, ms: number): Generator<readonly [hour: number, ms: number]> {
  let left = ms;
  for (let to = end; left > 0;) {
    // What ends on the edge belongs to the hour before it.
    const hour = startOfHour(to - 1);
    const part = Math.min(left, to - hour);
    yield [hour, part];
    left -= part;
    to = hour;
  }
}
