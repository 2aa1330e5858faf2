/**
 * The least milliseconds by `performance.now()` after which a timer of `ms` can fire.
 *
 * Node's timers count whole milliseconds of a clock that is rounded down, so one may be early by less than a millisecond.
 */
export function earliestMs(ms: number): number {
  return ms - 1;
}
