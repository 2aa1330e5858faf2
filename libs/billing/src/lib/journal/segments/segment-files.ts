import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One file of the journal. */
export interface SegmentFile {
  readonly segment: number;
  readonly path: string;
  readonly compressed: boolean;
}

const NAME = /^(\d{10})\.jsonl(\.gz)?$/;

export function segmentPath(directory: string, segment: number): string {
  return join(directory, `${segment.toString().padStart(10, '0')}.jsonl`);
}

/**
 * The segments in order. One that stands there twice, because the process died between compressing it and
 * removing the original, is the original.
 */
export function listSegments(directory: string): SegmentFile[] {
  const found = new Map<number, SegmentFile>();
  for (const name of readdirSync(directory).sort().reverse()) {
    const match = NAME.exec(name);
    if (!match) continue;
    const segment = Number(match[1]);
    found.set(segment, { segment, path: join(directory, name), compressed: match[2] !== undefined });
  }
  return [...found.values()].sort((a, b) => a.segment - b.segment);
}

/** A place in a journal: `offset` bytes into the segment as it was written, uncompressed. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** Below 0 where `a` comes before `b`, 0 where they are the same place. */
export function comparePositions(a: Position, b: Position): number {
  return a.segment - b.segment || a.offset - b.offset;
}
