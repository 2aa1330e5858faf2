import { HashrateEstimate } from './hashrate-estimate';

const MINUTE = 60_000;

/** Shares of `hashes` each, one every `intervalMs`, from just after `from` until `to`. */
function mine(
  estimate: HashrateEstimate,
  from: number,
  to: number,
  intervalMs: number,
  hashes: number,
): void {
  for (let now = from + intervalMs; now <= to; now += intervalMs) estimate.add(hashes, now);
}

describe('HashrateEstimate', () => {
  it('is zero before the first share', () => {
    const estimate = new HashrateEstimate();
    expect(estimate.perSecond(0)).toBe(0);
    expect(estimate.perSecond(MINUTE)).toBe(0);
  });

  it('finds a steady rate in a young session as well as in an old one', () => {
    const estimate = new HashrateEstimate();
    mine(estimate, 0, 2 * MINUTE, 1_000, 5_000);
    expect(estimate.perSecond(2 * MINUTE)).toBeCloseTo(5_000, -2);
    mine(estimate, 2 * MINUTE, 120 * MINUTE, 1_000, 5_000);
    expect(estimate.perSecond(120 * MINUTE)).toBeCloseTo(5_000, -2);
  });

  it('does not move when the pool doubles the difficulty and shares come half as often', () => {
    const estimate = new HashrateEstimate();
    mine(estimate, 0, 60 * MINUTE, 1_000, 5_000);
    mine(estimate, 60 * MINUTE, 90 * MINUTE, 2_000, 10_000);
    expect(estimate.perSecond(90 * MINUTE)).toBeCloseTo(5_000, -2);
  });

  it('falls to about a third ten minutes after the last share', () => {
    const estimate = new HashrateEstimate();
    mine(estimate, 0, 120 * MINUTE, 1_000, 3_000);
    const before = estimate.perSecond(120 * MINUTE);
    expect(estimate.perSecond(130 * MINUTE) / before).toBeCloseTo(1 / Math.E, 2);
  });

  it('stays a number for work that is told late, however late', () => {
    const estimate = new HashrateEstimate();
    estimate.add(600e9, 600_000_000);
    estimate.add(600e9, 0);
    expect(estimate.perSecond(600_000_000)).toBeCloseTo(2e9, -6);
  });
});
