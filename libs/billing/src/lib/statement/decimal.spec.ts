import fc from 'fast-check';
import { decimalText, fixedText, parseDecimal, roundedQuotient } from './decimal';

describe('decimals', () => {
  it.each([
    ['0', 0n, 0],
    ['12.0050', 120050n, 4],
    ['-0.01', -1n, 2],
  ])('reads %s', (text, units, scale) => {
    expect(parseDecimal(text)).toEqual({ units, scale });
  });

  it.each(['', '1e3', '.5', '1.', '1,5', ' 1', 'NaN', '0x10'])('refuses "%s"', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it('writes what it reads', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat(18), (units, scale) => {
        expect(parseDecimal(fixedText(units, scale))).toEqual({ units, scale });
      }),
    );
  });

  it('leaves needless zeros out of plain text', () => {
    expect(decimalText(1500n, 3)).toBe('1.5');
    expect(decimalText(1000n, 3)).toBe('1');
    expect(decimalText(100n, 0)).toBe('100');
    expect(decimalText(-5n, 1)).toBe('-0.5');
  });

  it('rounds halves away from zero', () => {
    expect(roundedQuotient(1n, 8n, 2)).toBe(13n);
    expect(roundedQuotient(-1n, 8n, 2)).toBe(-13n);
    expect(roundedQuotient(1n, 3n, 2)).toBe(33n);
    expect(roundedQuotient(2n, 3n, 2)).toBe(67n);
  });
});
