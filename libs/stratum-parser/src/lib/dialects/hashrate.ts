/** A hashrate as miners report it: a number, or hexadecimal with or without `0x`; else null. */
export function reportedHashrate(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const digits = /^(?:0x)?([0-9a-f]{1,64})$/i.exec(value)?.[1];
  return digits === undefined ? null : Number(BigInt(`0x${digits}`));
}
