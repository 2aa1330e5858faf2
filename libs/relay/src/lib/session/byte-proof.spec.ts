import { createHash } from 'node:crypto';
import { ByteProof } from './byte-proof';

const STREAM = Buffer.from('what a miner says, and what a pool answers');
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('ByteProof', () => {
  it('hashes what was read and what was taken, wherever the stream is split and however much is taken each time', () => {
    for (let size = 1; size <= STREAM.length; size += 1) {
      for (const slow of [0, 1, 5, 100]) {
        const proof = new ByteProof();
        let handedOn = 0;
        // As sockets do it, the memory of a chunk is used again.
        const memory = Buffer.alloc(size);
        for (let at = 0; at < STREAM.length; at += size) {
          const length = STREAM.copy(memory, 0, at, at + size);
          const chunk = memory.subarray(0, length);
          proof.read(chunk);
          handedOn += length;
          proof.handedOn(chunk, Math.max(0, handedOn - slow));
        }
        const taken = Math.max(0, STREAM.length - slow);
        expect(proof.result(taken)).toEqual({
          readBytes: STREAM.length,
          readSha256: sha256(STREAM),
          deliveredBytes: taken,
          deliveredSha256: sha256(STREAM.subarray(0, taken)),
        });
      }
    }
  });

  it('has the hash of nothing where nothing passed', () => {
    const { readSha256, deliveredSha256, readBytes } = new ByteProof().result(0);
    expect([readSha256, deliveredSha256, readBytes]).toEqual([
      sha256(Buffer.alloc(0)),
      sha256(Buffer.alloc(0)),
      0,
    ]);
  });

  it('counts what was read and never handed on as read alone', () => {
    const proof = new ByteProof();
    proof.read(STREAM);
    expect(proof.result(0)).toMatchObject({ readBytes: STREAM.length, deliveredBytes: 0 });
  });
});
