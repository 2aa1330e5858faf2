import { AMPLE_LIMITS } from '../testing';
import { Sweeps, sweepIntervalMs } from './sweeps';

describe('sweepIntervalMs', () => {
  it('is a quarter of the shortest limit', () => {
    expect(sweepIntervalMs({ ...AMPLE_LIMITS, idleTimeoutMs: 2_000 })).toBe(500);
  });

  it('is a second at most', () => {
    expect(sweepIntervalMs(AMPLE_LIMITS)).toBe(1_000);
  });

  it('is never so short that it costs more than it finds', () => {
    expect(sweepIntervalMs({ ...AMPLE_LIMITS, loginTimeoutMs: 1 })).toBe(20);
  });
});

describe('Sweeps', () => {
  it('count what came behind one as being of the next, so that no limit is overstepped too early', () => {
    const sweeps = new Sweeps(1_000, 0.5);
    expect(sweeps.lastAt).toBe(0);
    sweeps.begin(1_000.9);
    expect(sweeps.lastAt).toBe(1_000);
    expect(sweeps.after(sweeps.lastAt)).toBeCloseTo(2_100);
  });

  it('say when one is late, and not for the little by which all timers are', () => {
    const sweeps = new Sweeps(1_000, 0);
    expect(sweeps.begin(1_050)).toBeUndefined();
    expect(sweeps.begin(2_100)).toBeUndefined();
    expect(sweeps.begin(5_000)).toBe(2_100);
  });
});
