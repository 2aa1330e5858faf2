import { buildCoinbase, PAYOUT_BYTES } from '../bitcoin/coinbase';
import { randomBytes, type Random } from '../random';
import { announceable, type Job, type JobFields } from './job';

const FIRST_HEIGHT = 840_000;
const VERSION = 0x20000000;
export const EXTRANONCE1_BYTES = 4;

export interface JobFactoryOptions {
  readonly extranonce2Bytes: number;
  readonly branches: number;
  /** About how long a notify is to be; 0 leaves it as it comes. */
  readonly jobBytes: number;
  /** The network's target, as a header has it. */
  readonly networkBits: number;
  readonly random: Random;
  readonly nowMs: () => number;
}

/** Makes jobs: a clean one stands on a new block, the others renew the transactions of the same. */
export class JobFactory {
  private seq = 0;
  private height = FIRST_HEIGHT;
  private previous: Buffer;
  private furtherPayouts = 0;

  constructor(private readonly options: JobFactoryOptions) {
    this.previous = this.newBlock();
    this.furtherPayouts = this.payoutsForSize();
  }

  next(clean: boolean): Job {
    if (clean && this.seq > 0) {
      this.height += 1;
      this.previous = this.newBlock();
    }
    this.seq += 1;
    return announceable(this.fields(this.seq, clean));
  }

  private fields(seq: number, clean: boolean): JobFields {
    const { options } = this;
    const { coinb1, coinb2 } = buildCoinbase({
      height: this.height,
      extranonceBytes: EXTRANONCE1_BYTES + options.extranonce2Bytes,
      furtherPayouts: this.furtherPayouts,
    });
    return {
      seq,
      id: seq.toString(16),
      clean,
      height: this.height,
      previous: this.previous,
      coinb1,
      coinb2,
      branches: Array.from({ length: options.branches }, () => randomBytes(options.random, 32)),
      version: VERSION,
      nbits: options.networkBits,
      ntime: Math.floor(options.nowMs() / 1000),
    };
  }

  /** A hash with the leading zeros that every block has; internal order puts them last. */
  private newBlock(): Buffer {
    return randomBytes(this.options.random, 32).fill(0, 23);
  }

  /** Big notifies are big in the field because of many payouts in the coinbase. */
  private payoutsForSize(): number {
    if (this.options.jobBytes === 0) return 0;
    const bare = announceable(this.fields(0, false)).line.length;
    return Math.max(0, Math.round((this.options.jobBytes - bare) / (2 * PAYOUT_BYTES)));
  }
}
