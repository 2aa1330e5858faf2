import { meetsTarget } from '../../bitcoin/target';
import type { Search, UnhashedFault } from '../../miner/workbench';
import type { CryptoNoteTarget } from './cryptonote-target';
import { cryptoNoteHash, NONCE_AT } from './cryptonote-rule';

const NEVER_ISSUED_JOB = 'never-issued';

export interface CryptoNoteShare {
  readonly jobId: string;
  readonly nonce: string;
  readonly result: string;
}

/** Tries the nonces of one blob. */
export class CryptoNoteSearch implements Search<CryptoNoteShare> {
  tried = 0;

  constructor(
    readonly jobId: string,
    private readonly blob: Buffer,
    private readonly target: CryptoNoteTarget,
    private nonce = 0,
  ) {}

  /** Where a search of the same blob may go on without repeating itself. */
  get nextNonce(): number {
    return this.nonce;
  }

  next(maxHashes: number): CryptoNoteShare | undefined {
    return this.hash(maxHashes, true);
  }

  nextMiss(maxHashes: number): CryptoNoteShare | undefined {
    return this.hash(maxHashes, false);
  }

  altered(fault: UnhashedFault, staleJobId = NEVER_ISSUED_JOB): CryptoNoteShare {
    return {
      jobId: fault === 'stale' ? staleJobId : this.jobId,
      nonce: fault === 'bad_nonce' ? 'not-hex' : '00000000',
      result: '0'.repeat(64),
    };
  }

  private hash(maxHashes: number, meets: boolean): CryptoNoteShare | undefined {
    for (let n = 0; n < maxHashes; n += 1) {
      this.blob.writeUInt32LE(this.nonce, NONCE_AT);
      this.nonce = (this.nonce + 1) % 2 ** 32;
      this.tried += 1;
      const hash = cryptoNoteHash(this.blob);
      if (meetsTarget(hash, this.target.bytes) !== meets) continue;
      const nonce = this.blob.toString('hex', NONCE_AT, NONCE_AT + 4);
      return { jobId: this.jobId, nonce, result: hash.toString('hex') };
    }
    return undefined;
  }
}
