import { randomBytes } from 'node:crypto';
import { READINGS, RelayFixture, steady } from '../testing';
import { WRITE_QUEUE_BYTES } from './sockets/socket-reading';

/** More than the kernel takes for two loopback connections, with its largest buffers. */
const FLOOD_BYTES = 24 << 20;

/** What a session may hold for one direction: a queue that is nearly full, and one read on top of it. */
const HELD_AT_MOST = 2 * WRITE_QUEUE_BYTES;

describe.each(READINGS)('Relay backpressure, reading with %s', (_name, reading) => {
  let fixture: RelayFixture;
  afterEach(() => fixture.stop());

  it('stops reading the miner while the pool takes nothing, and delivers all of it in order later', async () => {
    fixture = await RelayFixture.start({ reading, poolReads: false });
    const { miner, upstream, tap } = await fixture.session();
    const flood = randomBytes(FLOOD_BYTES);
    miner.end(flood);
    const taken = await steady(() => tap.session.bytesToUpstream);
    expect(taken).toBeLessThan(FLOOD_BYTES);
    upstream.read();
    await upstream.ended;
    expect(upstream.received.equals(flood)).toBe(true);
  });

  it('stops reading the pool while the miner takes nothing, and delivers all of it in order later', async () => {
    fixture = await RelayFixture.start({ reading });
    const { miner, upstream, tap } = await fixture.session({ reads: false });
    const flood = randomBytes(FLOOD_BYTES);
    upstream.end(flood);
    const taken = await steady(() => tap.session.bytesToDownstream);
    expect(taken).toBeLessThan(FLOOD_BYTES);
    miner.read();
    await miner.ended;
    expect(miner.received.equals(flood)).toBe(true);
  });

  it('goes on in one direction while the other is held', async () => {
    fixture = await RelayFixture.start({ reading, poolReads: false });
    const { miner, upstream, tap } = await fixture.session();
    miner.write(Buffer.alloc(FLOOD_BYTES));
    await steady(() => tap.session.bytesToUpstream);
    upstream.write('job');
    expect((await miner.receives(3)).toString()).toBe('job');
  });

  it('holds no more than a queue and a read for each direction of a flooded session', async () => {
    fixture = await RelayFixture.start({ reading, poolReads: false, limits: { slowPeerTimeoutMs: 100 } });
    const { miner, upstream } = await fixture.session({ reads: false });
    miner.write(Buffer.alloc(FLOOD_BYTES));
    upstream.write(Buffer.alloc(FLOOD_BYTES));
    const end = await fixture.end();
    expect(end.reason.code).toBe('SLOW_PEER');
    expect(end.undeliveredToUpstream).toBeLessThanOrEqual(HELD_AT_MOST);
    expect(end.undeliveredToDownstream).toBeLessThanOrEqual(HELD_AT_MOST);
  });

  it('passes on a half-close that was held behind bytes', async () => {
    fixture = await RelayFixture.start({ reading });
    const { miner, upstream, tap } = await fixture.session({ reads: false });
    upstream.end(Buffer.alloc(FLOOD_BYTES));
    await steady(() => tap.session.bytesToDownstream);
    miner.end('bye');
    await upstream.ended;
    miner.read();
    await miner.ended;
    expect(miner.received).toHaveLength(FLOOD_BYTES);
    expect((await fixture.end()).undeliveredToDownstream).toBe(0);
  });

  it('lets a peer live that takes its bytes slowly but steadily', async () => {
    fixture = await RelayFixture.start({ reading, limits: { slowPeerTimeoutMs: 150 } });
    const { miner, upstream } = await fixture.session({ reads: false });
    upstream.end(Buffer.alloc(FLOOD_BYTES / 2));
    miner.socket.on('readable', () => undefined);
    const sips = setInterval(() => void miner.socket.read(), 1);
    await miner.ended;
    clearInterval(sips);
    miner.end();
    expect((await fixture.end()).reason.code).toBe('ENDED');
  });
});
