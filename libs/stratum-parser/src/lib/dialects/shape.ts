/** A shape is told from a value's spelling, never from its meaning. All of these take anything. */

/** Hexadecimal digits, `0x` in front or not; exactly `digits` of them, or at least as many up to `most`. */
export function isHex(value: unknown, digits: number, most = digits): boolean {
  if (typeof value !== 'string') return false;
  const from = value.startsWith('0x') ? 2 : 0;
  const count = value.length - from;
  return count >= digits && count <= most && HEX.test(from === 0 ? value : value.slice(2));
}

/** As `isHex`, with the `0x` that some dialects never leave out. */
export function isPrefixedHex(value: unknown, digits: number, most = digits): boolean {
  return typeof value === 'string' && value.startsWith('0x') && isHex(value, digits, most);
}

export function isDecimal(value: unknown, digits: number, most: number): boolean {
  return typeof value === 'string' && value.length >= digits && value.length <= most && /^\d+$/.test(value);
}

export function isInteger(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value);
}

export function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

const HEX = /^[0-9a-f]+$/i;
