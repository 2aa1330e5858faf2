import { createHash, randomBytes } from 'node:crypto';

/** Compares by the byte and names the first place that differs; a matcher over megabytes takes seconds. */
export function expectSameBytes(actual: Buffer, expected: Uint8Array): void {
  const same = Buffer.compare(actual, expected) === 0;
  const at = same ? -1 : expected.findIndex((byte, index) => actual[index] !== byte);
  expect({ length: actual.length, firstDifference: at }).toEqual({
    length: expected.length,
    firstDifference: -1,
  });
}

/** `total` random bytes, made piece by piece, and the hash of those made so far. */
export class ByteStream {
  private readonly hash = createHash('sha256');
  private left: number;

  constructor(total: number) {
    this.left = total;
  }

  get digest(): string {
    return this.hash.copy().digest('hex');
  }

  /** The next piece, or undefined at the end. */
  next(size = 65_536): Buffer | undefined {
    if (this.left === 0) return undefined;
    const piece = randomBytes(Math.min(size, this.left));
    this.left -= piece.length;
    this.hash.update(piece);
    return piece;
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
