import { BackOff } from './back-off';

describe('BackOff', () => {
  const times = (backOff: BackOff, count: number) => Array.from({ length: count }, () => backOff.again());

  it('waits twice as long each time, up to five minutes, and from the start again after a success', () => {
    const backOff = new BackOff(undefined, undefined, () => 1);
    expect(times(backOff, 11)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000,
    ]);
    backOff.reset();
    expect(backOff.again()).toBe(1_000);
  });

  it('does not have all try at the same moment', () => {
    expect(new BackOff(1_000, 9_000, () => 0).again()).toBe(500);
    expect(new BackOff(1_000, 9_000, () => 0).slowly()).toBe(4_500);
  });

  it('waits long at once where trying again is of little use', () => {
    expect(new BackOff(1_000, 9_000, () => 1).slowly()).toBe(9_000);
  });
});
