import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { coinbaseOf, type BitcoinJob, type Extranonce, type Submission } from './bitcoin-job';

/** The header of a share, 80 bytes, as a node would hash it. `versionMask`: the bits that the miner may roll. */
export function headerOf(
  job: BitcoinJob,
  extranonce: Extranonce,
  { extranonce2, time, nonce, versionBits }: Submission,
  versionMask: number,
): Buffer {
  const pair = Buffer.alloc(64);
  let root = sha256d(coinbaseOf(job, extranonce, extranonce2));
  for (const branch of job.branches) {
    root.copy(pair, 0);
    branch.copy(pair, 32);
    root = sha256d(pair);
  }
  // BIP 310: the bits of the mask are the miner's, the others the job's.
  const version =
    versionBits === undefined ? job.version : (job.version & ~versionMask) | (versionBits & versionMask);
  const header = Buffer.alloc(80);
  header.writeUInt32LE(version >>> 0, 0);
  job.previousHash.copy(header, 4);
  root.copy(header, 36);
  header.writeUInt32LE(time, 68);
  header.writeUInt32LE(job.bits, 72);
  header.writeUInt32LE(nonce, 76);
  return header;
}

/** SHA-256 of the SHA-256. */
export function sha256d(bytes: Uint8Array): Buffer {
  return hash('sha256', hash('sha256', bytes, 'buffer'), 'buffer');
}

/** A hash as people write it: the other way round than its bytes. */
export function hashText(digest: Buffer): string {
  return Buffer.from(digest).reverse().toString('hex');
}
