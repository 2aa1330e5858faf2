import { hash } from 'node:crypto';

/** SHA-256 applied twice, in Bitcoin's internal byte order (the reverse of what explorers print). */
export function sha256d(bytes: Uint8Array): Buffer {
  return hash('sha256', hash('sha256', bytes, 'buffer'), 'buffer');
}
