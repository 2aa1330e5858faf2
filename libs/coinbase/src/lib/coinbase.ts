import { Buffer } from 'node:buffer';

/** One output of a coinbase: what would be paid, in the chain's smallest unit, and to which script. */
export interface Payout {
  readonly value: bigint;
  readonly script: Buffer;
}

/** What a coinbase transaction says. */
export interface Coinbase {
  /** Of the block, where its script begins with a number as BIP 34 wants it; blocks of version 1 need not have one. */
  readonly height: number | undefined;
  /** In the order of the transaction. */
  readonly outputs: readonly Payout[];
}

const VERSION_BYTES = 4;
/** A previous output that is none: the hash of nothing, and the last index there is. */
const NO_OUTPUT = Buffer.concat([Buffer.alloc(32), Buffer.alloc(4, 0xff)]);
const SEQUENCE_BYTES = 4;
const VALUE_BYTES = 8;
const LOCK_TIME_BYTES = 4;

/**
 * Reads a coinbase transaction as it is hashed for the header of a block: the serialisation of Bitcoin without witnesses, one
 * input of no output, and nothing behind its end. Undefined for anything else, however it is broken.
 */
export function readCoinbase(bytes: Buffer): Coinbase | undefined {
  const reader = new Reader(bytes);
  reader.take(VERSION_BYTES);
  if (reader.count() !== 1 || !reader.take(NO_OUTPUT.length)?.equals(NO_OUTPUT)) return undefined;
  const script = reader.sized();
  reader.take(SEQUENCE_BYTES);
  const outputs: Payout[] = [];
  for (let left = reader.count() ?? 0; left > 0 && reader.isWhole; left -= 1) {
    const value = reader.take(VALUE_BYTES);
    const to = reader.sized();
    if (value && to) outputs.push({ value: value.readBigUInt64LE(), script: to });
  }
  reader.take(LOCK_TIME_BYTES);
  if (!script || outputs.length === 0 || !reader.isWhole || reader.left > 0) return undefined;
  return { height: heightIn(script), outputs };
}

const OP_1 = 0x51;
const OP_16 = 0x60;
/** More than a hundred million years of blocks. */
const MAX_HEIGHT_BYTES = 6;

/** The first thing that the script pushes, as the shortest number of Bitcoin's script that it can be. */
function heightIn(script: Buffer): number | undefined {
  const [first] = script;
  if (first === undefined) return undefined;
  if (first === 0) return 0;
  if (first >= OP_1 && first <= OP_16) return first - OP_1 + 1;
  const digits = script.subarray(1, 1 + first);
  if (first > MAX_HEIGHT_BYTES || digits.length < first) return undefined;
  const [highest = 0, next = 0] = [digits[first - 1], digits[first - 2]];
  const isNegative = highest >= 0x80;
  const isShortest = highest !== 0 || (first > 1 && next >= 0x80);
  return isNegative || !isShortest ? undefined : digits.readUIntLE(0, first);
}

/** Cuts pieces off; what is cut too short breaks it for good. */
class Reader {
  isWhole = true;
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(length: number): Buffer | undefined {
    if (!this.isWhole || length > this.left) {
      this.isWhole = false;
      return undefined;
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Bitcoin's variable integer: one byte, or one that says how many follow. */
  count(): number | undefined {
    const first = this.take(1)?.[0];
    if (first === undefined || first < 0xfd) return first;
    const size = first === 0xfd ? 2 : first === 0xfe ? 4 : 8;
    const bytes = this.take(size);
    // Nothing has as many: whoever takes that much breaks.
    return bytes && (size === 8 ? Number(bytes.readBigUInt64LE()) : bytes.readUIntLE(0, size));
  }

  /** A piece behind its length. */
  sized(): Buffer | undefined {
    const length = this.count();
    return length === undefined ? undefined : this.take(length);
  }
}
