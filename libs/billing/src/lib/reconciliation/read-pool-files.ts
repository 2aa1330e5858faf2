import { open } from 'node:fs/promises';
import { FileFaults, PoolFileError } from './file-faults';
import type { PoolCredits } from './pool-credits';
import { readCsv, type ReadingOptions } from './read-csv';
import { readWorkerHistory } from './read-worker-history';

export interface PoolFiles extends ReadingOptions {
  /** At least one; several are pages of one answer, or parts of one export. */
  readonly files: readonly string[];
  /** What a row is of, where the user says it. */
  readonly spanMs: number | undefined;
}

/** Adds up what the files say. Rejects with a `PoolFileError` that has every fault of all files. */
export async function readPoolFiles({ files, spanMs, ...options }: PoolFiles): Promise<PoolCredits> {
  let credits: PoolCredits | undefined;
  let saidMs: number | undefined;
  const errors: string[] = [];
  for (const file of files) {
    const faults = new FileFaults(file);
    try {
      if (await isJson(file)) {
        const read = await readWorkerHistory(file, options.days, faults, credits);
        credits = read.credits;
        saidMs ??= read.spanMs;
      } else {
        credits = await readCsv(file, options, faults, credits);
      }
      if (file === files.at(-1)) credits?.finish(spanMs ?? saidMs, faults);
      faults.throwIfAny();
    } catch (error) {
      errors.push(faultOf(error, file));
    }
  }
  if (errors.length === 0 && credits !== undefined) return credits;
  throw new PoolFileError(errors.join('\n'));
}

function faultOf(error: unknown, file: string): string {
  if (error instanceof PoolFileError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return `${file} cannot be read: ${code}`;
}

/** By what it begins with: no heading of a table begins with a brace or a bracket. */
async function isJson(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    return /^\uFEFF?\s*[[{]/.test(buffer.subarray(0, bytesRead).toString('utf8'));
  } finally {
    await handle.close();
  }
}
