export const HEADER_BYTES = 80;
const VERSION_AT = 0;
const PREVIOUS_AT = 4;
const ROOT_AT = 36;
const TIME_AT = 68;
const BITS_AT = 72;
const NONCE_AT = 76;

/** A block header's parts; hashes in internal byte order, numbers as numbers. */
export interface HeaderParts {
  readonly version: number;
  readonly previous: Uint8Array;
  readonly root: Uint8Array;
  readonly ntime: number;
  readonly nbits: number;
  readonly nonce: number;
}

export function writeHeader(header: Buffer, parts: HeaderParts): void {
  header.writeUInt32LE(parts.version, VERSION_AT);
  header.set(parts.previous, PREVIOUS_AT);
  header.set(parts.root, ROOT_AT);
  header.writeUInt32LE(parts.ntime, TIME_AT);
  header.writeUInt32LE(parts.nbits, BITS_AT);
  header.writeUInt32LE(parts.nonce, NONCE_AT);
}

/** Changes the one field that a miner rolls for each hash. */
export function writeNonce(header: Buffer, nonce: number): void {
  header.writeUInt32LE(nonce, NONCE_AT);
}

/**
 * A `mining.notify` carries the previous hash with the bytes of each 32-bit word turned round, a
 * heritage of getwork (cgminer util.c: `gen_stratum_work` flips the whole header word by word).
 * The conversion is its own inverse.
 */
export function swapWords(hash: Uint8Array): Buffer {
  return Buffer.from(hash).swap32();
}

/** A header number as Stratum writes it: eight hex digits, most significant first. */
export function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}
