import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProxyProcess, steady } from '@mining-proxy/e2e-support';
import { BillingStage } from '../billing/support/billing-stage';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Guards what an operator shows a customer: that what went in came out. */
describe('a listener with proof', () => {
  const stage = new BillingStage();
  afterEach(() => stage.clear());

  const start = async (proof: boolean) => {
    const pool = await stage.rawPool();
    const dataDirectory = stage.directory();
    const proxy = await stage.proxy({
      poolPort: pool.port,
      listeners: [{ name: 'farm', bind_address: '127.0.0.1', bind_port: 0, proof }],
      proxy: { data_dir: dataDirectory },
    });
    return { pool, proxy, dataDirectory };
  };
  const closed = (proxy: ProxyProcess) => proxy.logged('session closed');

  it('has the hashes of what both ends saw, in the log and in the journal', async () => {
    const { pool, proxy, dataDirectory } = await start(true);
    const { miner, upstream } = await stage.session(proxy, pool);
    const [up, down] = [randomBytes(300_000), randomBytes(500_000)];
    const chunks = (bytes: Buffer, size: number) => {
      const parts: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
      return parts;
    };
    for (const part of chunks(up, 1_777)) miner.write(part);
    for (const part of chunks(down, 70_001)) upstream.write(part);
    const [atPool, atMiner] = [await upstream.receives(up.length), await miner.receives(down.length)];
    miner.end();
    upstream.end();
    const line = await closed(proxy);
    const side = (bytes: Buffer) => ({
      readBytes: bytes.length,
      readSha256: sha256(bytes),
      deliveredBytes: bytes.length,
      deliveredSha256: sha256(bytes),
    });
    expect([sha256(atPool), sha256(atMiner)]).toEqual([sha256(up), sha256(down)]);
    expect(line.proof).toEqual({ toUpstream: side(up), toDownstream: side(down) });
    await proxy.end();
    expect(journalOf(dataDirectory)).toContain(`"delivered_sha256":"${sha256(up)}"`);
  });

  it('tells what was read from what was delivered, where a miner does not take all of it', async () => {
    const { pool, proxy } = await start(true);
    const { miner, upstream } = await stage.session(proxy, pool, { reads: false });
    const down = randomBytes(8_000_000);
    upstream.write(down);
    await steady(() => upstream.socket.bytesWritten - upstream.socket.writableLength);
    miner.reset();
    const { proof, undeliveredToDownstream } = await closed(proxy);
    const { toDownstream: seen } = proof as { toDownstream: Record<string, number | string> };
    const [read, delivered] = [Number(seen.readBytes), Number(seen.deliveredBytes)];
    expect(read - delivered).toBe(undeliveredToDownstream);
    expect(undeliveredToDownstream).toBeGreaterThan(0);
    expect(seen.readSha256).toBe(sha256(down.subarray(0, read)));
    expect(seen.deliveredSha256).toBe(sha256(down.subarray(0, delivered)));
  });

  it('is no cost and no field where it is off', async () => {
    const { pool, proxy } = await start(false);
    const { miner, upstream } = await stage.session(proxy, pool);
    miner.end();
    upstream.end();
    expect(await closed(proxy)).not.toHaveProperty('proof');
  });

  it('says of a miner that left where its pool had sent it', async () => {
    const { pool, proxy, dataDirectory } = await start(false);
    const { miner, upstream } = await stage.session(proxy, pool);
    upstream.write('{"id":null,"method":"client.reconnect","params":["elsewhere.example.com",4444,1]}\n');
    await miner.receives(80);
    miner.end();
    await upstream.ended();
    upstream.end();
    await closed(proxy);
    await proxy.end();
    expect(journalOf(dataDirectory)).toContain('"sent_to":"elsewhere.example.com:4444"');
  });
});

function journalOf(dataDirectory: string): string {
  const directory = join(dataDirectory, 'journal');
  return readdirSync(directory)
    .map((file) => readFileSync(join(directory, file), 'latin1'))
    .join('');
}
