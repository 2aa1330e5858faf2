import type { TimedValue } from './prometheus-server';

/** The least and the most that `increase()` may give. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * What `increase()` promises of a counter that grew without a restart, its range reaching back to before its
 * first sample.
 *
 * The growth between the first and the last sample is counted exactly. At its end the range goes on after
 * the last sample, by at most 1.1 intervals of growth at the average pace; longer gaps count as half an
 * interval. At its start growth is added likewise, but never further back than to where the counter would
 * have been 0: so nothing for one whose first sample is 0, and never more than the first sample has.
 */
export function increaseBounds(samples: readonly TimedValue[]): Bounds {
  const { first, last } = endsOf(samples);
  const growth = last.value - first.value;
  const intervals = samples.length - 1;
  return { least: growth, most: (growth + first.value) * (1 + 1.1 / intervals) };
}

/** The moment of the last sample. There the range has no end to fill, so a counter seen at 0 is exact. */
export function lastLook(samples: readonly TimedValue[]): number {
  return endsOf(samples).last.at;
}

function endsOf(samples: readonly TimedValue[]): { first: TimedValue; last: TimedValue } {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || samples.length < 2) throw new Error('increase() needs two samples');
  return { first, last };
}
