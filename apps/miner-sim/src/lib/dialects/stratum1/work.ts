import { swapWords } from '../../bitcoin/header';

/** A job as a miner reads it off a `mining.notify`; hashes are in internal byte order. */
export interface Work {
  readonly jobId: string;
  readonly previous: Buffer;
  readonly coinb1: Buffer;
  readonly coinb2: Buffer;
  readonly branches: readonly Buffer[];
  readonly version: number;
  readonly nbits: number;
  readonly ntime: number;
  readonly clean: boolean;
}

/** undefined when the params are not those of a Bitcoin job. */
export function readWork(params: readonly unknown[]): Work | undefined {
  const [jobId, previous, coinb1, coinb2, branches, version, nbits, ntime, clean] = params;
  const texts = [jobId, previous, coinb1, coinb2, version, nbits, ntime];
  if (!texts.every((text) => typeof text === 'string') || !Array.isArray(branches)) return undefined;
  return {
    jobId: String(jobId),
    previous: swapWords(hex(previous)),
    coinb1: hex(coinb1),
    coinb2: hex(coinb2),
    branches: branches.map(hex),
    version: Number.parseInt(String(version), 16),
    nbits: Number.parseInt(String(nbits), 16),
    ntime: Number.parseInt(String(ntime), 16),
    clean: clean === true,
  };
}

function hex(text: unknown): Buffer {
  return Buffer.from(String(text), 'hex');
}

/**
 * Reads each announcement once for a whole fleet: a pool sends its miners the same bytes, and
 * parsing 37 KB for each of thousands would measure the simulator instead of what it drives.
 */
export class WorkReader {
  private readonly recent: { line: Buffer; work: Work }[] = [];

  /** The work of an identical line seen before. */
  known(bytes: Buffer, start: number, end: number): Work | undefined {
    for (const { line, work } of this.recent) {
      if (line.length === end - start && line.equals(bytes.subarray(start, end))) return work;
    }
    return undefined;
  }

  remember(line: Buffer, work: Work): void {
    this.recent.unshift({ line, work });
    if (this.recent.length > 2) this.recent.pop();
  }
}
