/** What one observation weighs in `recent`. */
const RECENT_WEIGHT = 0.02;

/**
 * A histogram of plain numbers, cheap enough for every answer of a pool.
 * `counts[i]` is the number of observations above `bounds[i - 1]` and not above `bounds[i]`; the last one
 * has those above all bounds.
 */
export class LatencyHistogram {
  readonly counts: number[];
  /** In seconds, like the bounds. */
  sum = 0;
  /** The mean of about the last hundred, in seconds; undefined before the first one. */
  recent: number | undefined;

  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(seconds: number): void {
    let index = 0;
    while (index < this.bounds.length && seconds > (this.bounds[index] ?? Infinity)) index += 1;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sum += seconds;
    this.recent = this.recent === undefined ? seconds : this.recent + (seconds - this.recent) * RECENT_WEIGHT;
  }
}

/** Seconds; 0.5 is the bound that the latency alert asks for. */
export const RESPONSE_BOUNDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
