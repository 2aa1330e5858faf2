/** A number as decimal text says it: `units` times ten to the power of `-scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

const DECIMAL = /^(-?)(\d{1,30})(?:\.(\d{1,18}))?$/;

/** Reads `12.0050`; undefined for anything that is not a plain decimal number. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = DECIMAL.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const units = BigInt(whole + fraction);
  return { units: sign === '-' ? -units : units, scale: fraction.length };
}

/** Plain text without needless zeros: `decimalText(1500n, 3)` is `1.5`. */
export function decimalText(units: bigint, scale: number): string {
  const fixed = fixedText(units, scale);
  return scale === 0 ? fixed : fixed.replace(/\.?0+$/, '');
}

/** With all its places, as money is written: `fixedText(150n, 2)` is `1.50`. */
export function fixedText(units: bigint, scale: number): string {
  if (scale === 0) return units.toString();
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** `numerator / denominator` in units of ten to the power of `-scale`; halves go away from zero. */
export function roundedQuotient(numerator: bigint, denominator: bigint, scale: number): bigint {
  const scaled = (numerator < 0n ? -numerator : numerator) * 10n ** BigInt(scale);
  const rounded = (2n * scaled + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}
