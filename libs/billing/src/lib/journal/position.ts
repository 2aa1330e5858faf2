/** A place in a journal: `offset` bytes into the segment as it was written, uncompressed. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** Below 0 where `a` comes before `b`, 0 where they are the same place. */
export function comparePositions(a: Position, b: Position): number {
  return a.segment - b.segment || a.offset - b.offset;
}
