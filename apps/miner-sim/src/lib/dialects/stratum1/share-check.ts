import { HEADER_BYTES, writeHeader } from '../../bitcoin/header';
import { merkleRoot } from '../../bitcoin/merkle';
import { PROOFS_OF_WORK, type ProofOfWork } from '../../bitcoin/proof-of-work';
import { sha256d } from '../../bitcoin/sha256d';
import { meetsTarget } from '../../bitcoin/target';
import type { Job } from '../../pool/job';
import type { JobBoard } from '../../pool/job-board';
import { judgeHash, rejected, type Verdict } from '../verdict';
import type { ConnectionTerms } from './connection-terms';

/** How far a miner may run ahead of the clock (Bitcoin's own rule for blocks). */
const NTIME_AHEAD_S = 7200;
const REFUSALS = {
  low: rejected('low_difficulty', 23, 'Low difficulty share'),
  duplicate: rejected('duplicate', 22, 'Duplicate share'),
};
const HEX_32 = /^[0-9a-fA-F]{8}$/;
const HEX = /^[0-9a-fA-F]*$/;

/**
 * Judges the shares of one connection by rebuilding and hashing their headers.
 *
 * The last merkle root is kept, because miners roll the nonce long before the extranonce.
 */
export class ShareCheck {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  private rootOf: { job: Job; extranonce2: string; root: Buffer } | undefined;

  constructor(
    private readonly board: Pick<JobBoard, 'find'>,
    private readonly nowMs: () => number,
    private readonly proof: ProofOfWork = PROOFS_OF_WORK.sha256d,
  ) {}

  /** The codes and texts are those of slush's pool and node-stratum, which most pools follow. */
  judge(params: readonly unknown[], terms: ConnectionTerms, workers: ReadonlySet<string>): Verdict {
    const { extranonce1 } = terms;
    if (extranonce1 === undefined) return rejected('not_subscribed', 25, 'Not subscribed');
    const [worker, jobId, extranonce2, ntime, nonce, versionBits] = params;
    if (typeof worker !== 'string' || !workers.has(worker)) {
      return rejected('unauthorized', 24, 'Unauthorized worker');
    }
    const job = typeof jobId === 'string' ? this.board.find(jobId) : 'unknown';
    if (job === 'unknown') return rejected('stale', 21, 'Job not found');
    if (job === 'stale') return rejected('stale', 21, 'Stale share');
    if (!isHexOf(extranonce2, terms.extranonce2Bytes)) {
      return rejected('invalid', 20, 'Incorrect size of extranonce2');
    }
    if (!isHex32(ntime)) return rejected('invalid', 20, 'Incorrect size of ntime');
    const time = Number.parseInt(ntime, 16);
    if (time < job.ntime || time > this.nowMs() / 1000 + NTIME_AHEAD_S) {
      return rejected('invalid', 20, 'Ntime out of range');
    }
    if (!isHex32(nonce)) return rejected('invalid', 20, 'Incorrect size of nonce');
    const version = rolledVersion(job.version, versionBits, terms.versionMask);
    if (version === undefined) return rejected('invalid', 20, 'Version bits outside the mask');
    writeHeader(this.header, {
      version,
      previous: job.previous,
      root: this.root(job, extranonce1, extranonce2),
      ntime: time,
      nbits: job.nbits,
      nonce: Number.parseInt(nonce, 16),
    });
    const target = this.proof.targets.of(terms.difficulties.at(job.seq));
    const hash = this.proof.hash(this.header);
    return judgeHash(job, hash, meetsTarget(hash, target.bytes), target, REFUSALS);
  }

  private root(job: Job, extranonce1: Buffer, extranonce2: string): Buffer {
    const known = this.rootOf;
    if (known?.job === job && known.extranonce2 === extranonce2) return known.root;
    const coinbase = Buffer.concat([job.coinb1, extranonce1, Buffer.from(extranonce2, 'hex'), job.coinb2]);
    const root = merkleRoot(sha256d(coinbase), job.branches);
    this.rootOf = { job, extranonce2, root };
    return root;
  }
}

/** BIP 310: bits outside the mask must not be set, the others replace the job's. */
export function rolledVersion(jobVersion: number, bits: unknown, mask: number): number | undefined {
  if (bits === undefined) return jobVersion;
  if (!isHex32(bits)) return undefined;
  const value = Number.parseInt(bits, 16);
  if ((value & ~mask) !== 0) return undefined;
  return ((jobVersion & ~mask) | (value & mask)) >>> 0;
}

function isHex32(value: unknown): value is string {
  return typeof value === 'string' && HEX_32.test(value);
}

function isHexOf(value: unknown, bytes: number): value is string {
  return typeof value === 'string' && value.length === 2 * bytes && HEX.test(value);
}
