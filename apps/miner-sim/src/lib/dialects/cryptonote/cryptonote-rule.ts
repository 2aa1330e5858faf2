import { hash } from 'node:crypto';
import { sha256d } from '../../bitcoin/sha256d';
import type { Job } from '../../pool/job';

/** Where a miner writes its nonce: after two versions, a five-byte time and the previous hash. */
export const NONCE_AT = 39;
export const NONCE_BYTES = 4;
const VERSION = 0x10;
const TIME_BYTES = 5;

/**
 * A Monero-like hashing blob. Each connection has its own, as real pools arrange with a few bytes of the
 * miner transaction: four bytes of nonce would not keep miners apart.
 */
export function blobOf(job: Job, connectionId: number): Buffer {
  const owner = Buffer.alloc(4);
  owner.writeUInt32LE(connectionId % 2 ** 32);
  const root = hash('sha256', Buffer.concat([Buffer.from(job.id), job.coinb1, owner]), 'buffer');
  return Buffer.concat([
    Buffer.from([VERSION, VERSION]),
    varint(job.ntime, TIME_BYTES),
    job.previous,
    Buffer.alloc(NONCE_BYTES),
    root,
    Buffer.from([1]),
  ]);
}

/**
 * Stands in for RandomX: SHA-256 twice over the blob with its nonce. As there, the hash is a number
 * whose last byte counts most.
 */
export function cryptoNoteHash(blobWithNonce: Uint8Array): Buffer {
  return sha256d(blobWithNonce);
}

function varint(value: number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  let rest = value;
  for (let at = 0; at < bytes; at += 1) {
    out[at] = (rest % 128) + (at < bytes - 1 ? 128 : 0);
    rest = Math.floor(rest / 128);
  }
  return out;
}
