import { HEADER_BYTES, hex32, writeHeader, writeNonce } from '../../bitcoin/header';
import { merkleRoot } from '../../bitcoin/merkle';
import type { ProofOfWork } from '../../bitcoin/proof-of-work';
import { sha256d } from '../../bitcoin/sha256d';
import { meetsTarget } from '../../bitcoin/target';
import type { Search, UnhashedFault } from '../../miner/workbench';
import type { Work } from './work';

/** Shares found before the extranonce is rolled, so that both sides see it change. */
const SHARES_PER_EXTRANONCE = 64;
const NEVER_ISSUED_JOB = 'ffffffffff';

export interface Share {
  readonly jobId: string;
  readonly extranonce2: string;
  readonly ntime: string;
  readonly nonce: string;
  /** BIP 310's sixth parameter, when version rolling is on. */
  readonly versionBits: string | undefined;
}

export interface SearchSpace {
  readonly work: Work;
  readonly proof: ProofOfWork;
  readonly target: Buffer;
  readonly extranonce1: Buffer;
  readonly extranonce2Bytes: number;
  /** 0 without version rolling. */
  readonly versionMask: number;
}

/** Hashes headers of one job until some meet the target. */
export class ShareSearch implements Search<Share> {
  private readonly header = Buffer.alloc(HEADER_BYTES);
  tried = 0;
  private nonce = 0;
  private found = 0;
  private prepared = false;

  constructor(
    readonly space: SearchSpace,
    private extranonce2 = 0,
  ) {}

  get jobId(): string {
    return this.space.work.jobId;
  }

  /** Where a search of the same job may go on without repeating itself. */
  get nextExtranonce2(): number {
    return this.extranonce2 + 1;
  }

  next(maxHashes: number): Share | undefined {
    return this.hash(maxHashes, true);
  }

  nextMiss(maxHashes: number): Share | undefined {
    return this.hash(maxHashes, false);
  }

  altered(fault: UnhashedFault, staleJobId = NEVER_ISSUED_JOB): Share {
    const { work, extranonce2Bytes } = this.space;
    return {
      jobId: fault === 'stale' ? staleJobId : work.jobId,
      extranonce2: '00'.repeat(extranonce2Bytes),
      ntime: hex32(work.ntime),
      nonce: fault === 'bad_nonce' ? 'not-hex' : '00000000',
      versionBits: undefined,
    };
  }

  private hash(maxHashes: number, meets: boolean): Share | undefined {
    if (!this.prepared) this.prepare();
    const { proof, target } = this.space;
    for (let n = 0; n < maxHashes; n += 1) {
      if (this.nonce > 0xffffffff) this.rollExtranonce();
      const nonce = this.nonce;
      this.nonce += 1;
      this.tried += 1;
      writeNonce(this.header, nonce);
      if (meetsTarget(proof.hash(this.header), target) === meets) return this.share(nonce);
    }
    return undefined;
  }

  private share(nonce: number): Share {
    const { work, versionMask } = this.space;
    const share = {
      jobId: work.jobId,
      extranonce2: this.extranonce2Hex(),
      ntime: hex32(work.ntime),
      nonce: hex32(nonce),
      versionBits: versionMask === 0 ? undefined : hex32(this.versionBits()),
    };
    this.found += 1;
    if (this.found % SHARES_PER_EXTRANONCE === 0) this.rollExtranonce();
    return share;
  }

  private rollExtranonce(): void {
    this.extranonce2 += 1;
    this.nonce = 0;
    this.prepare();
  }

  private prepare(): void {
    const { work, extranonce1, versionMask } = this.space;
    const extranonce2 = Buffer.from(this.extranonce2Hex(), 'hex');
    const coinbase = Buffer.concat([work.coinb1, extranonce1, extranonce2, work.coinb2]);
    writeHeader(this.header, {
      version: ((work.version & ~versionMask) | this.versionBits()) >>> 0,
      previous: work.previous,
      root: merkleRoot(sha256d(coinbase), work.branches),
      ntime: work.ntime,
      nbits: work.nbits,
      nonce: 0,
    });
    this.prepared = true;
  }

  /** Spreads a counter over the bits that may be rolled. */
  private versionBits(): number {
    const { versionMask } = this.space;
    return (Math.imul(this.extranonce2 + 1, 0x9e3779b1) & versionMask) >>> 0;
  }

  private extranonce2Hex(): string {
    const digits = 2 * this.space.extranonce2Bytes;
    return this.extranonce2.toString(16).padStart(digits, '0').slice(-digits);
  }
}
