const NO_PREVIOUS_OUTPUT = Buffer.from('00'.repeat(32) + 'ffffffff', 'hex');
const FINAL_SEQUENCE = Buffer.from('ffffffff', 'hex');
const SUBSIDY_SATOSHI = 312_500_000n;
const TAG = Buffer.from('/miner-sim/', 'latin1');
/** Size on the wire of each further payout: value, script length and a 25-byte script. */
export const PAYOUT_BYTES = 34;

export interface CoinbaseParts {
  /** Everything before the extranonces. */
  readonly coinb1: Buffer;
  /** Everything after them. */
  readonly coinb2: Buffer;
}

export interface CoinbasePlan {
  readonly height: number;
  /** extranonce1 and extranonce2 together. */
  readonly extranonceBytes: number;
  /** Payouts beside the first, as pools that pay their miners in the coinbase have. */
  readonly furtherPayouts: number;
}

/** A coinbase transaction without witness, cut where the extranonces go. */
export function buildCoinbase(plan: CoinbasePlan): CoinbaseParts {
  const height = pushHeight(plan.height);
  const scriptBytes = height.length + plan.extranonceBytes + TAG.length;
  const coinb1 = Buffer.concat([
    uint32(1),
    compactSize(1),
    NO_PREVIOUS_OUTPUT,
    compactSize(scriptBytes),
    height,
  ]);
  const outputs = [payout(SUBSIDY_SATOSHI, 0)];
  for (let n = 1; n <= plan.furtherPayouts; n += 1) outputs.push(payout(BigInt(1000 + n), n));
  const coinb2 = Buffer.concat([TAG, FINAL_SEQUENCE, compactSize(outputs.length), ...outputs, uint32(0)]);
  return { coinb1, coinb2 };
}

/** BIP 34: the script begins with the height as a minimally pushed, little-endian signed number. */
export function pushHeight(height: number): Buffer {
  if (height >= 1 && height <= 16) return Buffer.from([0x50 + height]);
  const bytes: number[] = [];
  for (let rest = height; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
  if ((bytes.at(-1) ?? 0) & 0x80) bytes.push(0);
  return Buffer.from([bytes.length, ...bytes]);
}

export function compactSize(value: number): Buffer {
  if (value < 0xfd) return Buffer.from([value]);
  if (value > 0xffff) throw new RangeError(`more than two bytes: ${value}`);
  return Buffer.from([0xfd, value & 0xff, value >> 8]);
}

/** Pays to a made-up public key hash. */
function payout(satoshi: bigint, n: number): Buffer {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(satoshi);
  const keyHash = Buffer.alloc(20, 0x5a);
  keyHash.writeUInt32BE(n, 16);
  return Buffer.concat([value, Buffer.from('1976a914', 'hex'), keyHash, Buffer.from('88ac', 'hex')]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
