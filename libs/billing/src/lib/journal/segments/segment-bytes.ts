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
  const handle = file.compressed ? undefined : openIfThere(file.path);
  // Compressed since it was listed, by the proxy that a command runs beside.
  if (handle === undefined) return inMemory(gunzipSync(readFileSync(file.path.replace(/(\.gz)?$/, '.gz'))));
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

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function inMemory(bytes: Buffer): SegmentBytes {
  return {
    read: (offset, length) => bytes.subarray(offset, offset + length),
    size: bytes.length,
    close: () => undefined,
  };
}
