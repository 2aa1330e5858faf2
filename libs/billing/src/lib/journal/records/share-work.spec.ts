import fc from 'fast-check';
import { shareWork, toldHashes, workText } from './share-work';
import { isSound } from './sound-record';
import { share } from '../testing/facts';

describe('shareWork', () => {
  it('rounds to whole hashes and units of 10^-8', () => {
    expect(shareWork(4294967296.4, 1.000000004)).toEqual({ hashes: 4294967296n, difficulty: 100000000n });
    expect(shareWork(2 ** 70, 2 ** 38)).toEqual({
      hashes: 2n ** 70n,
      difficulty: 2n ** 38n * 100_000_000n,
    });
  });

  it('keeps the hashes of a difficulty that is less than half a unit, and no difficulty', () => {
    expect(shareWork(12.9, 3e-9)).toEqual({ hashes: 13n, difficulty: null });
    expect(shareWork(21.5, 5e-9)).toEqual({ hashes: 22n, difficulty: 1n });
  });

  it('knows work by target alone, without a difficulty', () => {
    expect(shareWork(65_536, null)).toEqual({ hashes: 65536n, difficulty: 0n });
  });

  it.each([
    [null, null],
    [null, 5],
    [NaN, 1],
    [Infinity, 1],
    [1e300, 1],
    [5, 1e300],
    [-1, 1],
    [1, NaN],
  ])('takes hashes %p at difficulty %p for unknown', (hashes, difficulty) => {
    expect(shareWork(hashes, difficulty)).toEqual({ hashes: null, difficulty: null });
  });

  it('gives nothing that the ledger would not take', () => {
    const record = { ...share('s1'), ...workText(shareWork(1e25, 1e17)), at: 1 } as Parameters<
      typeof isSound
    >[0];
    expect(isSound(record)).toBe(true);
  });
});

describe('toldHashes', () => {
  it('is the difficulty times 2^32, rounded, however long it is', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.integer({ min: 0, max: 25 }), (any, digits) => {
        const units = any % 10n ** BigInt(digits);
        const [twice, whole] = [units * 2n ** 33n, 10n ** 8n];
        // To the nearest: the whole part of what is half more.
        expect(toldHashes(units.toString())).toBe(((twice + whole) / (2n * whole)).toString());
      }),
      { numRuns: 2_000 },
    );
    expect(toldHashes('100')).toBe('4295');
    expect(toldHashes(null)).toBeNull();
  });
});
