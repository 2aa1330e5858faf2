import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { SegmentFile } from './segment-files';

/** The bytes of a segment as they were written, whether it is compressed by now or not. */
export interface SegmentBytes {
  /** Up to `length` bytes from `offset`; fewer at the end. */
  read(offset: number, length: number): Buffer;
  readonly size: number;
  close(): void;
}

export function openSegment(file: SegmentFile): SegmentBytes {
  if (file.compressed) return inMemory(gunzipSync(readFileSync(file.path)));
  const handle = openSync(file.path, 'r');
  return {
    read(offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(handle, bytes, 0, length, offset));
    },
    get size() {
      return fstatSync(handle).size;
    },
    close: () => closeSync(handle),
  };
}

function inMemory(bytes: Buffer): SegmentBytes {
  return {
    read: (offset, length) => bytes.subarray(offset, offset + length),
    size: bytes.length,
    close: () => undefined,
  };
}
