import { count, difficulty, hashrate, hashrateWithError, partOf, percent } from './numbers';
import { ago, duration, utc } from './times';

describe('numbers', () => {
  it.each([
    [0, '0 H/s'],
    [0.5, '0.5 H/s'],
    [999, '999 H/s'],
    [1_000, '1 kH/s'],
    [112.4e12, '112 TH/s'],
    [1e30, '1000000000 ZH/s'],
    [NaN, '0 H/s'],
  ])('shows %d hashes per second as %s', (value, text) => {
    expect(hashrate(value)).toBe(text);
  });

  it('says how far a hashrate may be off, where that is known', () => {
    expect(hashrateWithError(112e12, 0.09)).toBe('112 TH/s ± 9 %');
    expect(hashrateWithError(0, null)).toBe('0 H/s');
  });

  it('has no part of nothing', () => {
    expect([partOf(1, 4), partOf(0, 0), percent(0.5, 0)]).toEqual(['25.00 %', '–', '50 %']);
  });

  it('sets thousands apart', () => {
    expect([count(0), count(999), count(1_234_567)]).toEqual(['0', '999', '1 234 567']);
    expect([difficulty(null), difficulty(1e-7), difficulty(65_536)]).toEqual(['–', '1e-7', '65 536']);
  });
});

describe('times', () => {
  it.each([
    [0, '0 s'],
    [61, '1 min 1 s'],
    [3_700, '1 h 1 min'],
    [90_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('shows %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('tells how long ago something was', () => {
    expect(ago('2026-11-01T00:00:00Z', Date.parse('2026-11-01T00:02:00Z'))).toBe('2 min 0 s ago');
    expect(ago(null, 0)).toBe('–');
    expect(utc('2026-11-01T05:00:00Z')).toBe('2026-11-01 05:00 UTC');
  });
});
