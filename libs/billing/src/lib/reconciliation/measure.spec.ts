import fc from 'fast-check';
import { decimalText } from '../statement/decimal';
import { hashesIn, ONE, readAmount } from './measure';

describe('readAmount', () => {
  it.each([
    ['0', 0n, ONE],
    ['12', 12n * ONE, ONE],
    ['12.5', 1_250_000_000n, 10_000_000n],
    ['0.00000001', 1n, 1n],
    ['1e6', 1_000_000n * ONE, 1_000_000n * ONE],
    ['1.25E+3', 1250n * ONE, 10n * ONE],
    ['95200000000000.000000000000000000001', 95_200_000_000_000n * ONE, 1n],
    ['5e-8', 5n, 1n],
    ['4e-9', 0n, 1n],
    ['0e999', 0n, 0n],
  ])('reads %s', (text, amount, step) => {
    expect(readAmount(text, false)).toEqual({ amount, step });
  });

  it.each([
    '',
    ' ',
    '-',
    '-1',
    'NaN',
    'Infinity',
    '1e',
    '0x10',
    '1_000',
    '1,5',
    '1 000',
    '12abc',
    '1e400',
    '1e99',
    '9'.repeat(60),
  ])('takes %j for no number', (text) => {
    expect(readAmount(text, false)).toBeUndefined();
  });

  it('reads a decimal comma only where it is told of one', () => {
    expect(readAmount('1,5', true)).toEqual({ amount: 150_000_000n, step: 10_000_000n });
    expect(readAmount('1.5', true)).toEqual({ amount: 150_000_000n, step: 10_000_000n });
    // A thousand and something, or a one with places: nobody can tell.
    expect(readAmount('1.000,5', true)).toBeUndefined();
  });

  it('reads every amount that it could have been written from', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (amount) => {
        expect(readAmount(decimalText(amount, 8), false)?.amount).toBe(amount);
      }),
    );
  });
});

describe('hashesIn', () => {
  it.each([
    ['H/s', 1n],
    ['kH/s', 10n ** 3n],
    ['TH/s', 10n ** 12n],
    ['th/s', 10n ** 12n],
    ['PHash/s', 10n ** 15n],
    ['EH', 10n ** 18n],
    [' GH / s ', 10n ** 9n],
    ['Ths', undefined],
    ['W', undefined],
    ['', undefined],
  ])('takes %j for %s', (unit, hashes) => {
    expect(hashesIn(unit)).toBe(hashes);
  });
});
