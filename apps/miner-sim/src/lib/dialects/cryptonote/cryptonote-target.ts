import { bytesOfHashes, type ShareTarget } from '../../share-target';
import { TargetCache } from '../../target-cache';

/** From here on four bytes are too coarse, and pools send eight. */
const EIGHT_BYTES_FROM = 2 ** 24;
const MAX_32 = 2n ** 32n - 1n;
const MAX_64 = 2n ** 64n - 1n;

/** A share target with the digits that announce it. */
export interface CryptoNoteTarget extends ShareTarget {
  readonly hex: string;
}

const READ = new TargetCache((hex: string): CryptoNoteTarget => {
  const little = Buffer.from(hex, 'hex');
  const short = little.length === 4;
  const value = short ? BigInt(little.readUInt32LE()) : little.readBigUInt64LE();
  const hashes = (short ? MAX_32 : MAX_64) / value;
  return { hex, bytes: bytesOfHashes(hashes), difficulty: undefined, hashes: Number(hashes) };
});

/**
 * The target of a difficulty in the simulator's unit (2^32 hashes). It is as coarse as its digits:
 * work is counted by what they say, for that is all that miners and proxies see.
 */
export const CRYPTONOTE_TARGETS = new TargetCache((difficulty: number) => {
  const hashes = Math.max(1, Math.round(difficulty * 2 ** 32));
  if (hashes < EIGHT_BYTES_FROM) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(Number(MAX_32 / BigInt(hashes)));
    return READ.of(bytes.toString('hex'));
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(MAX_64 / BigInt(hashes));
  return READ.of(bytes.toString('hex'));
});

/** A job's target; undefined when it is none. */
export function readTarget(text: unknown): CryptoNoteTarget | undefined {
  if (typeof text !== 'string' || !/^(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{16})$/.test(text)) return undefined;
  return /^0*$/.test(text) ? undefined : READ.of(text.toLowerCase());
}
