import { hash } from 'node:crypto';
import type { Job } from '../../pool/job';

export const NONCE_BYTES = 8;
const SEQ_AT = 28;
/** A pool numbers its jobs in 32 bits. */
const MAX_SEQ = 0xffffffff;

/** What a nonce gives: the result is held against the target, the mix shows how it came about. */
export interface EthashOutcome {
  readonly mix: Buffer;
  readonly result: Buffer;
}

/**
 * Stands in for ethash, which needs gigabytes: SHA-256 twice over header and nonce. Pool and miners decide by
 * the same rule, and a result is as likely to meet a target as a true one.
 */
export function ethashOutcome(headerAndNonce: Uint8Array): EthashOutcome {
  const mix = hash('sha256', headerAndNonce, 'buffer');
  return { mix, result: hash('sha256', mix, 'buffer') };
}

/** An ethash result is a number whose first byte counts most. */
export function meetsBoundary(result: Buffer, boundary: Buffer): boolean {
  return result.compare(boundary) <= 0;
}

export interface EthashJob {
  readonly header: Buffer;
  readonly headerHex: string;
  readonly seedHex: string;
}

const JOBS = new WeakMap<Job, EthashJob>();

/** A job's header hash. It ends with the job's number, so that eth-proxy shares find their job. */
export function ethashJob(job: Job): EthashJob {
  const known = JOBS.get(job);
  if (known !== undefined) return known;
  const header = hash('sha256', Buffer.concat([job.previous, job.coinb1, Buffer.from(job.id)]), 'buffer');
  header.writeUInt32BE(job.seq, SEQ_AT);
  // The seed stands for an epoch of 30,000 blocks: it stays.
  const seedHex = hash('sha256', 'epoch', 'hex');
  const made = { header, headerHex: header.toString('hex'), seedHex };
  JOBS.set(job, made);
  return made;
}

/** The id of the job that a header hash would be of. */
export function jobIdOfHeader(headerHex: string): string {
  const seq = Number.parseInt(headerHex.slice(2 * SEQ_AT), 16);
  return seq > 0 && seq <= MAX_SEQ ? seq.toString(16) : '';
}
