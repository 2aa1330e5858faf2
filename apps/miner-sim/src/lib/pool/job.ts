import { hex32, swapWords } from '../bitcoin/header';
import { notification } from '../message';

/** What a pool asks its miners to work on. Hashes are in internal byte order. */
export interface Job {
  /** Rises by one with each job; the id is its hexadecimal form. */
  readonly seq: number;
  readonly id: string;
  readonly clean: boolean;
  /** Of the block that it would become; a clean job is one higher. */
  readonly height: number;
  readonly previous: Buffer;
  readonly coinb1: Buffer;
  readonly coinb2: Buffer;
  readonly branches: readonly Buffer[];
  readonly version: number;
  readonly nbits: number;
  readonly ntime: number;
  /** The line that announces it. */
  readonly line: Buffer;
  /** The same with the clean flag set, for a connection's first job. */
  readonly firstLine: Buffer;
  /** Hashes of the shares accepted on it, over all connections. */
  readonly accepted: Set<string>;
}

export type JobFields = Omit<Job, 'line' | 'firstLine' | 'accepted'>;

/** Serialises a job once, since every connection is sent the same bytes. */
export function announceable(fields: JobFields): Job {
  return {
    ...fields,
    line: notifyLine(fields, fields.clean),
    firstLine: notifyLine(fields, true),
    accepted: new Set(),
  };
}

function notifyLine(job: JobFields, clean: boolean): Buffer {
  return Buffer.from(
    notification('mining.notify', [
      job.id,
      swapWords(job.previous).toString('hex'),
      job.coinb1.toString('hex'),
      job.coinb2.toString('hex'),
      job.branches.map((branch) => branch.toString('hex')),
      hex32(job.version),
      hex32(job.nbits),
      hex32(job.ntime),
      clean,
    ]),
  );
}
