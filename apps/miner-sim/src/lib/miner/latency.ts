/** Buckets per doubling: quantiles are right to about 1 %. */
const BUCKETS_PER_OCTAVE = 64;
const OCTAVES = 32;

export interface LatencySummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A histogram of milliseconds with fixed memory; the largest value is kept exactly. */
export class LatencyHistogram {
  private readonly buckets = new Uint32Array(BUCKETS_PER_OCTAVE * OCTAVES);
  private count = 0;
  private max = 0;

  record(ms: number): void {
    const microseconds = Math.max(1, ms * 1000);
    const bucket = Math.floor(Math.log2(microseconds) * BUCKETS_PER_OCTAVE);
    const at = Math.min(bucket, this.buckets.length - 1);
    this.buckets[at] = (this.buckets[at] ?? 0) + 1;
    this.count += 1;
    if (ms > this.max) this.max = ms;
  }

  summary(): LatencySummary {
    return { p50: this.quantile(0.5), p99: this.quantile(0.99), max: toMicroseconds(this.max) };
  }

  private quantile(q: number): number {
    let rest = this.count * q;
    if (this.count === 0) return 0;
    for (const [at, count] of this.buckets.entries()) {
      rest -= count;
      if (rest <= 0) return toMicroseconds(Math.min(2 ** ((at + 1) / BUCKETS_PER_OCTAVE) / 1000, this.max));
    }
    return toMicroseconds(this.max);
  }
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
