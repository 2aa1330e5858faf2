import { AMPLE_LIMITS } from '../testing';
import { sweepIntervalMs } from './sweeper';

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
