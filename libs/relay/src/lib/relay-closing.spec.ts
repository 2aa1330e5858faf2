import {
  READINGS,
  RelayFixture,
  earliestMs,
  freePort,
  gatedDials,
  steady,
  type FixtureOptions,
} from '../testing';

describe.each(READINGS)('Relay closing, reading with %s', (_name, reading) => {
  let fixture: RelayFixture;
  const start = async (options: FixtureOptions = {}) => {
    fixture = await RelayFixture.start({ reading, ...options });
    return fixture.session();
  };
  afterEach(() => fixture.stop());

  it('passes the half-close of the miner on and still delivers what the pool says after it', async () => {
    const { miner, upstream } = await start();
    miner.end('last words');
    await upstream.ended;
    expect(upstream.received.toString()).toBe('last words');
    upstream.end('answer');
    await miner.ended;
    expect(miner.received.toString()).toBe('answer');
    expect((await fixture.end()).reason).toEqual({ side: 'downstream', code: 'ENDED' });
  });

  it('passes the half-close of the pool on and still delivers what the miner says after it', async () => {
    const { miner, upstream } = await start();
    upstream.end('goodbye');
    await miner.ended;
    expect(miner.received.toString()).toBe('goodbye');
    miner.end('one more');
    await upstream.ended;
    expect(upstream.received.toString()).toBe('one more');
    expect((await fixture.end()).reason).toEqual({ side: 'upstream', code: 'ENDED' });
  });

  it('ends once when both half-closes cross', async () => {
    const { miner, upstream, tap } = await start();
    miner.end('a');
    upstream.end('b');
    await Promise.all([miner.closed, upstream.closed, fixture.end()]);
    expect(fixture.ends).toHaveLength(1);
    expect(tap.ends).toEqual(fixture.ends);
    expect(fixture.ends[0]).toMatchObject({
      reason: { code: 'ENDED' },
      undeliveredToUpstream: 0,
      undeliveredToDownstream: 0,
    });
  });

  it('delivers bytes and half-close of a miner that left before its pool was reached', async () => {
    let reached = (): void => undefined;
    const gate = new Promise<void>((resolve) => (reached = resolve));
    fixture = await RelayFixture.start({ reading: gatedDials(reading, gate) });
    const miner = await fixture.miner();
    miner.end('too early');
    await fixture.accepted();
    reached();
    const upstream = await fixture.pool.next();
    await upstream.ended;
    expect(upstream.received.toString()).toBe('too early');
  });

  it('resets the pool when the miner resets', async () => {
    const { miner, upstream } = await start();
    miner.reset();
    expect(await upstream.closed).toEqual({ finished: false, errorCode: 'ECONNRESET' });
    const { reason } = await fixture.end();
    expect(reason).toMatchObject({ side: 'downstream', code: 'RESET', cause: { code: 'ECONNRESET' } });
  });

  it('resets the miner when the pool resets', async () => {
    const { miner, upstream } = await start();
    upstream.reset();
    expect(await miner.closed).toEqual({ finished: false, errorCode: 'ECONNRESET' });
    expect((await fixture.end()).reason).toMatchObject({ side: 'upstream', code: 'RESET' });
  });

  it('calls it a reset when a half-closed session is reset', async () => {
    const { miner, upstream } = await start();
    miner.end();
    await upstream.ended;
    upstream.reset();
    expect((await miner.closed).errorCode).toBe('ECONNRESET');
    expect((await fixture.end()).reason).toMatchObject({ side: 'upstream', code: 'RESET' });
  });

  it('resets the pool as soon as it is reached when the miner reset before', async () => {
    let reached = (): void => undefined;
    const gate = new Promise<void>((resolve) => (reached = resolve));
    fixture = await RelayFixture.start({ reading: gatedDials(reading, gate) });
    const miner = await fixture.miner();
    await fixture.accepted();
    miner.reset();
    await miner.closed;
    reached();
    const upstream = await fixture.pool.next();
    expect((await upstream.closed).errorCode).toBe('ECONNRESET');
    expect((await fixture.end()).reason).toMatchObject({ side: 'downstream', code: 'RESET' });
  });

  it('closes the miner when the pool refuses', async () => {
    fixture = await RelayFixture.start({
      reading,
      pool: { host: '127.0.0.1', port: await freePort() },
    });
    const miner = await fixture.miner();
    await miner.ended;
    const { reason } = await fixture.end();
    expect(reason).toMatchObject({ side: 'upstream', code: 'DIAL_FAILED', cause: { code: 'ECONNREFUSED' } });
  });

  it('gives up a pool that does not answer in time', async () => {
    fixture = await RelayFixture.start({
      reading: gatedDials(reading, new Promise(() => undefined)),
      limits: { connectionTimeoutMs: 80 },
    });
    const miner = await fixture.miner();
    await miner.ended;
    const { reason, durationMs } = await fixture.end();
    expect(reason).toEqual({
      side: 'upstream',
      code: 'DIAL_TIMEOUT',
      cause: new Error('the pool did not answer in time'),
    });
    expect(durationMs).toBeGreaterThanOrEqual(earliestMs(80));
  });

  it('closes a miner that says nothing, whatever the pool says', async () => {
    const { miner, upstream } = await start({ limits: { loginTimeoutMs: 80 } });
    upstream.write('welcome');
    await miner.ended;
    const { reason, durationMs } = await fixture.end();
    expect(reason).toEqual({ side: 'downstream', code: 'LOGIN_TIMEOUT' });
    expect(durationMs).toBeGreaterThanOrEqual(earliestMs(80));
  });

  it('closes a session that is silent in both directions', async () => {
    const { miner } = await start({ limits: { idleTimeoutMs: 80 } });
    miner.write('hello');
    await miner.ended;
    expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'IDLE_TIMEOUT' });
  });

  it('names the silence, not the half-close before it', async () => {
    const { miner } = await start({ limits: { idleTimeoutMs: 80 } });
    miner.end('hello');
    await miner.ended;
    expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'IDLE_TIMEOUT' });
  });

  it('closes a session whose pool stays silent while the miner talks', async () => {
    const { miner, upstream } = await start({ limits: { jobTimeoutMs: 100, idleTimeoutMs: 100 } });
    const talk = setInterval(() => miner.write('ping'), 10);
    await upstream.ended;
    clearInterval(talk);
    expect((await fixture.end()).reason).toEqual({ side: 'upstream', code: 'POOL_SILENT' });
  });

  it('cuts a pool that takes nothing and knows to the byte what it did not get', async () => {
    const { miner, upstream, tap } = await start({
      poolReads: false,
      limits: { slowPeerTimeoutMs: 100 },
    });
    miner.write(Buffer.alloc(24 << 20, 7));
    const { reason, undeliveredToUpstream } = await fixture.end();
    upstream.read();
    await upstream.ended;
    expect(reason).toEqual({ side: 'upstream', code: 'SLOW_PEER' });
    expect(undeliveredToUpstream).toBeGreaterThan(0);
    expect(upstream.received).toHaveLength(tap.session.bytesToUpstream);
  });

  it('cuts a miner that takes nothing and knows to the byte what it did not get', async () => {
    const { miner, upstream, tap } = await start({ limits: { slowPeerTimeoutMs: 100 } });
    miner.write('login');
    await upstream.receives(5);
    miner.stopReading();
    upstream.write(Buffer.alloc(24 << 20, 7));
    const { reason, undeliveredToDownstream } = await fixture.end();
    miner.read();
    await miner.ended;
    expect(reason).toEqual({ side: 'downstream', code: 'SLOW_PEER' });
    expect(undeliveredToDownstream).toBeGreaterThan(0);
    expect(miner.received).toHaveLength(tap.session.bytesToDownstream);
  });

  it('counts what was queued for a peer that resets, at most a queue too many', async () => {
    const { miner, upstream, tap } = await start({ poolReads: false });
    miner.write(Buffer.alloc(24 << 20));
    await steady(() => tap.session.bytesToUpstream);
    upstream.reset();
    const { undeliveredToUpstream } = await fixture.end();
    expect(undeliveredToUpstream).toBeGreaterThan(0);
    expect(undeliveredToUpstream).toBeLessThanOrEqual(128 * 1024);
    expect(tap.session.bytesToUpstream).toBeGreaterThan(undeliveredToUpstream);
  });
});
