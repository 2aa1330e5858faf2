/** Calls `fn` with the bytes cut in two at every point, ends included. */
export function forEverySplit(bytes: Buffer, fn: (pieces: readonly Buffer[], cut: number) => void): void {
  for (let cut = 0; cut <= bytes.length; cut += 1) fn([bytes.subarray(0, cut), bytes.subarray(cut)], cut);
}

/** The bytes in pieces of one size; the last may be shorter. */
export function inPieces(bytes: Buffer, size: number): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}
