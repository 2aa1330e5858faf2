import type { Search, UnhashedFault } from '../../miner/workbench';
import type { ShareTarget } from '../../share-target';
import { ethashOutcome, meetsBoundary, NONCE_BYTES } from './ethash-rule';

const HEADER_BYTES = 32;

export interface EthashShare {
  readonly jobId: string;
  /** The part of the nonce that the miner chose, in hex. */
  readonly nonce: string;
  readonly mix: string;
}

/** The nonces of one connection: those with its prefix, each tried once. */
export class NonceRange {
  private readonly bytes: number;

  constructor(
    readonly prefix: Buffer,
    private position = 0,
  ) {
    this.bytes = NONCE_BYTES - prefix.length;
  }

  /** Writes the next nonce behind the header. */
  writeNext(headerAndNonce: Buffer): void {
    headerAndNonce.set(this.prefix, HEADER_BYTES);
    headerAndNonce.writeUIntBE(this.position, HEADER_BYTES + this.prefix.length, this.bytes);
    this.position = (this.position + 1) % 256 ** this.bytes;
  }
}

export interface EthashSpace {
  readonly jobId: string;
  readonly header: Buffer;
  readonly target: ShareTarget;
  readonly nonces: NonceRange;
  readonly neverIssuedJobId: string;
}

/** Tries the nonces of a connection on one job. */
export class EthashSearch implements Search<EthashShare> {
  tried = 0;
  private readonly bytes = Buffer.alloc(HEADER_BYTES + NONCE_BYTES);

  constructor(private readonly space: EthashSpace) {
    this.bytes.set(space.header);
  }

  get jobId(): string {
    return this.space.jobId;
  }

  next(maxHashes: number): EthashShare | undefined {
    return this.hash(maxHashes, true);
  }

  nextMiss(maxHashes: number): EthashShare | undefined {
    return this.hash(maxHashes, false);
  }

  altered(fault: UnhashedFault, staleJobId = this.space.neverIssuedJobId): EthashShare {
    const digits = 2 * (NONCE_BYTES - this.space.nonces.prefix.length);
    return {
      jobId: fault === 'stale' ? staleJobId : this.jobId,
      nonce: fault === 'bad_nonce' ? 'not-hex' : '0'.repeat(digits),
      mix: '0'.repeat(2 * HEADER_BYTES),
    };
  }

  private hash(maxHashes: number, meets: boolean): EthashShare | undefined {
    const { nonces, target } = this.space;
    for (let n = 0; n < maxHashes; n += 1) {
      nonces.writeNext(this.bytes);
      this.tried += 1;
      const { mix, result } = ethashOutcome(this.bytes);
      if (meetsBoundary(result, target.bytes) !== meets) continue;
      const nonce = this.bytes.toString('hex', HEADER_BYTES + nonces.prefix.length);
      return { jobId: this.jobId, nonce, mix: mix.toString('hex') };
    }
    return undefined;
  }
}
