import * as fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { type RawPeer, steady } from '@mining-proxy/e2e-support';
import { standingHouse } from './support/house';
import { ByteStream, expectSameBytes, sha256 } from './support/bytes';

const MIB = 2 ** 20;

/** A line of some dialect, or bytes that are none: what the inspection may or may not understand. */
const chunk = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(`${text}\n`)),
  fc
    .string({ unit: 'grapheme' })
    .map((worker) =>
      Buffer.from(`${JSON.stringify({ id: 1, method: 'mining.authorize', params: [worker, 'x'] })}\n`),
    ),
  fc
    .constantFrom('{"id":1,"result":true,"error":null}\n', '\r\n', '\0\0', '{"id":', '\ufeff', '[')
    .map((text) => Buffer.from(text)),
);
const transcript = fc.array(chunk, { minLength: 1, maxLength: 40 });

/** Guards the first promise: what comes out on one side is, byte for byte, what went in on the other. */
describe('transparency', () => {
  const house = standingHouse();

  it('carries any transcript in any chunks both ways at once, unchanged', async () => {
    const crosses = async (up: readonly Buffer[], down: readonly Buffer[]) => {
      const { miner, upstream } = await house.session();
      for (const piece of up) miner.write(piece);
      for (const piece of down) upstream.write(piece);
      await finish(miner, upstream);
      expectSameBytes(upstream.received, Buffer.concat(up));
      expectSameBytes(miner.received, Buffer.concat(down));
    };
    await fc.assert(fc.asyncProperty(transcript, transcript, crosses), { numRuns: 40, endOnFailure: true });
  });

  it('carries a stratum exchange that arrives byte by byte', async () => {
    const { miner, upstream } = await house.session();
    const line = Buffer.from('{"id":1,"method":"mining.authorize","params":["žluťoučký.kůň","x"]}\n');
    for (const byte of line) await miner.writeAll(Buffer.of(byte));
    expectSameBytes(await upstream.receives(line.length), line);
  });

  it('carries every byte value, NUL and lone surrogate halves included', async () => {
    const { miner, upstream } = await house.session();
    const bytes = Buffer.concat([
      Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
      Buffer.from('eda080', 'hex'),
    ]);
    miner.write(bytes);
    upstream.write(bytes);
    expectSameBytes(await upstream.receives(bytes.length), bytes);
    expectSameBytes(await miner.receives(bytes.length), bytes);
  });

  it('lets the pool speak first', async () => {
    const { miner, upstream } = await house.session();
    upstream.write('{"id":null,"method":"mining.set_difficulty","params":[1]}\n');
    expect(await miner.message()).toMatchObject({ method: 'mining.set_difficulty' });
  });

  it('bills exactly the bytes that crossed, in both directions', async () => {
    const before = await house.proxy.atRest();
    const { miner, upstream } = await house.session();
    miner.write(randomBytes(12_345));
    upstream.write(randomBytes(54_321));
    await finish(miner, upstream);
    const after = await house.proxy.atRest();
    const grown = (name: string) => after.value(name) - before.value(name);
    expect(grown('stratum_bytes_sent_total')).toBe(12_345);
    expect(grown('stratum_bytes_received_total')).toBe(54_321);
    expect(grown('stratum_undelivered_bytes_total')).toBe(0);
  });

  it('carries a large transfer both ways at once with bounded memory', async () => {
    const before = await house.proxy.residentBytes();
    const { miner, upstream } = await house.session();
    const up = new ByteStream(48 * MIB);
    const down = new ByteStream(48 * MIB);
    await Promise.all([pour(up, miner), pour(down, upstream)]);
    const during = await house.proxy.residentBytes();
    await finish(miner, upstream);
    expect(sha256(upstream.received)).toBe(up.digest);
    expect(sha256(miner.received)).toBe(down.digest);
    expect(during - before).toBeLessThan(48 * MIB);
  });

  it('holds back a pool whose miner does not read, with bounded memory, and loses nothing', async () => {
    const before = await house.proxy.residentBytes();
    const { miner, upstream } = await house.session({ reads: false });
    const down = new ByteStream(64 * MIB);
    const poured = pour(down, upstream);
    const stuckAt = await steady(async () =>
      (await house.proxy.metrics()).value('stratum_bytes_received_total'),
    );
    const held = (await house.proxy.residentBytes()) - before;
    expect(upstream.socket.bytesWritten - upstream.socket.writableLength).toBeLessThan(48 * MIB);
    expect(stuckAt).toBeGreaterThan(0);
    expect(held).toBeLessThan(32 * MIB);
    miner.read();
    await poured;
    await finish(miner, upstream);
    expect(sha256(miner.received)).toBe(down.digest);
  });
});

/** Both sides end their streams; resolves when all that was on the way has arrived. */
async function finish(miner: RawPeer, upstream: RawPeer): Promise<void> {
  miner.end();
  upstream.end();
  await Promise.all([miner.closes(), upstream.closes()]);
}

/** Writes a whole stream, no faster than it is taken. */
async function pour(stream: ByteStream, peer: RawPeer): Promise<void> {
  for (let piece = stream.next(); piece; piece = stream.next()) await peer.writeAll(piece);
}
