import { once } from 'node:events';
import { connect } from 'node:net';
import { READINGS, RelayFixture, earliestMs, gatedDials, steady } from '../testing';

describe.each(READINGS)('Relay drain, reading with %s', (_name, reading) => {
  let fixture: RelayFixture;
  afterEach(() => fixture.stop());

  it('ends idle sessions in order, in the order of their coming', async () => {
    fixture = await RelayFixture.start({ reading, drainTimeoutMs: 400 });
    const sessions = [await fixture.session(), await fixture.session(), await fixture.session()];
    const order: number[] = [];
    sessions.forEach(({ miner, upstream }, i) => {
      miner.socket.once('end', () => {
        order.push(i);
        miner.end();
        upstream.end();
      });
    });
    expect(await fixture.relay.drain()).toEqual({ closed: 3, cut: 0 });
    expect(order).toEqual([0, 1, 2]);
    for (const end of fixture.ends) {
      expect(end).toMatchObject({ reason: { side: 'relay', code: 'DRAIN' }, undeliveredToUpstream: 0 });
    }
    for (const { upstream } of sessions) expect((await upstream.closed).finished).toBe(true);
  });

  it('spreads the closes over time', async () => {
    fixture = await RelayFixture.start({ reading, drainTimeoutMs: 600 });
    const sessions = [await fixture.session(), await fixture.session(), await fixture.session()];
    for (const { miner, upstream } of sessions) {
      miner.socket.once('end', () => miner.end());
      upstream.socket.once('end', () => upstream.end());
    }
    const drained = fixture.relay.drain();
    await fixture.end(1);
    expect(fixture.relay.activeSessions).toBe(2);
    await drained;
  });

  it('returns at once where no session is open', async () => {
    fixture = await RelayFixture.start({ reading });
    expect(await fixture.relay.drain()).toEqual({ closed: 0, cut: 0 });
  });

  it('accepts nobody any more', async () => {
    fixture = await RelayFixture.start({ reading });
    const { port } = fixture;
    await fixture.relay.drain();
    const [error] = (await once(connect(port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('gives a second call the same promise', async () => {
    fixture = await RelayFixture.start({ reading });
    const { miner, upstream } = await fixture.session();
    const drained = fixture.relay.drain();
    expect(fixture.relay.drain()).toBe(drained);
    miner.end();
    upstream.end();
    await drained;
    expect(fixture.relay.drain()).toBe(drained);
  });

  it('waits for the answer to a share and delivers it', async () => {
    fixture = await RelayFixture.start({
      reading,
      prepareTap: (tap) => {
        tap.onChunk = (direction) => (tap.inFlight += direction === 'to_upstream' ? 1 : -1);
      },
    });
    const { miner, upstream, tap } = await fixture.session();
    miner.write('submit');
    await upstream.receives(6);
    const drained = fixture.relay.drain();
    expect(tap.inFlight).toBe(1);
    upstream.end('accepted');
    await miner.ended;
    miner.end();
    expect(miner.received.toString()).toBe('accepted');
    expect(await drained).toEqual({ closed: 1, cut: 0 });
    expect(fixture.ends[0]).toMatchObject({ reason: { code: 'DRAIN' }, undeliveredToDownstream: 0 });
  });

  it('does not send the miner’s next share on, and counts it as undelivered', async () => {
    fixture = await RelayFixture.start({
      reading,
      prepareTap: (tap) => {
        tap.onChunk = (direction) => (tap.inFlight += direction === 'to_upstream' ? 1 : -1);
      },
    });
    const { miner, upstream, tap } = await fixture.session();
    miner.write('first');
    await upstream.receives(5);
    const drained = fixture.relay.drain();
    miner.write('second');
    upstream.write('accepted');
    await Promise.all([miner.ended, upstream.ended]);
    miner.end();
    upstream.end();
    await drained;
    expect(upstream.received.toString()).toBe('first');
    expect(tap.bytes('to_upstream').toString()).toBe('first');
    expect(fixture.ends[0]).toMatchObject({ undeliveredToUpstream: 6, undeliveredToDownstream: 0 });
    expect(tap.session.bytesToUpstream).toBe(5);
  });

  it('ends when the grace is over though an answer is still out', async () => {
    fixture = await RelayFixture.start({ reading, limits: { closeGraceMs: 80 } });
    const { miner, upstream, tap } = await fixture.session();
    tap.inFlight = 1;
    const drained = fixture.relay.drain();
    await Promise.all([miner.ended, upstream.ended]);
    miner.end();
    upstream.end();
    expect(await drained).toEqual({ closed: 1, cut: 0 });
    expect(fixture.ends[0]!.durationMs).toBeGreaterThanOrEqual(earliestMs(80));
  });

  it('does not wait for answers of a pool that has finished its stream', async () => {
    fixture = await RelayFixture.start({ reading });
    const { miner, upstream, tap } = await fixture.session();
    tap.inFlight = 1;
    const drained = fixture.relay.drain();
    upstream.end();
    await miner.ended;
    miner.end();
    expect(await drained).toEqual({ closed: 1, cut: 0 });
  });

  it('cuts off at the deadline what has not ended, and says so', async () => {
    fixture = await RelayFixture.start({ reading, drainTimeoutMs: 120 });
    const { tap } = await fixture.session();
    tap.inFlight = 1;
    expect(await fixture.relay.drain()).toEqual({ closed: 0, cut: 1 });
    expect(fixture.ends).toMatchObject([{ reason: { side: 'relay', code: 'DRAIN_DEADLINE' } }]);
  });

  it('closes sessions that still dial', async () => {
    const silence = new Promise<void>(() => undefined);
    fixture = await RelayFixture.start({ reading: gatedDials(reading, silence) });
    await fixture.miner();
    await fixture.accepted();
    expect(await fixture.relay.drain()).toEqual({ closed: 1, cut: 0 });
    expect(fixture.ends).toMatchObject([{ reason: { side: 'relay', code: 'DRAIN' } }]);
  });

  it('delivers what is queued for a slow miner before it ends the session', async () => {
    fixture = await RelayFixture.start({ reading });
    const { miner, upstream, tap } = await fixture.session({ reads: false });
    upstream.write(Buffer.alloc(24 << 20));
    const taken = await steady(() => tap.session.bytesToDownstream);
    const drained = fixture.relay.drain();
    miner.read();
    await miner.receives(taken);
    await Promise.all([miner.ended, upstream.ended]);
    miner.end();
    upstream.reset();
    await drained;
    expect(miner.received).toHaveLength(tap.session.bytesToDownstream);
  });

  it('keeps the miner unread when the pool drains its queue', async () => {
    fixture = await RelayFixture.start({ reading, poolReads: false });
    const { miner, upstream, tap } = await fixture.session();
    tap.inFlight = 1;
    miner.write(Buffer.alloc(24 << 20));
    const taken = await steady(() => tap.bytes('to_upstream').length);
    const drained = fixture.relay.drain();
    upstream.read();
    await upstream.receives(taken);
    expect(await steady(() => tap.bytes('to_upstream').length)).toBe(taken);
    miner.reset();
    upstream.reset();
    await drained;
  });

  it('ends at once, for its own reason, when the pool resets while answers are awaited', async () => {
    fixture = await RelayFixture.start({ reading });
    const { miner, upstream, tap } = await fixture.session();
    tap.inFlight = 1;
    const drained = fixture.relay.drain();
    upstream.reset();
    expect((await miner.closed).errorCode).toBe('ECONNRESET');
    expect(await drained).toEqual({ closed: 1, cut: 0 });
    expect(fixture.ends).toMatchObject([{ reason: { side: 'relay', code: 'DRAIN' } }]);
    expect(tap.ends).toHaveLength(1);
  });

  it('lets the pool read the last share of a miner that resets when it is told to go', async () => {
    fixture = await RelayFixture.start({ reading, poolReads: false });
    const { miner, upstream, tap } = await fixture.session();
    miner.write('last share');
    await steady(() => tap.bytes('to_upstream').length);
    const minerGone = once(fixture.relay.netServers[0]!, 'close');
    const drained = fixture.relay.drain();
    await miner.ended;
    miner.reset();
    await minerGone;
    upstream.end();
    await drained;
    upstream.read();
    await upstream.ended;
    expect(upstream.received.toString()).toBe('last share');
  });

  it('is waited for by a close that comes meanwhile', async () => {
    fixture = await RelayFixture.start({ reading, drainTimeoutMs: 100 });
    const { tap } = await fixture.session();
    tap.inFlight = 1;
    void fixture.relay.drain();
    await fixture.relay.close();
    expect(fixture.relay).toMatchObject({ activeSessions: 0, state: 'closed' });
  });
});
