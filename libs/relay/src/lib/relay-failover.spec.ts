import { once } from 'node:events';
import {
  FakePool,
  Peer,
  READINGS,
  RelayFixture,
  freePort,
  gatedDials,
  plainListener,
  plainPool,
  resolveNames,
  type FixtureOptions,
} from '../testing';
import type { HealthOptions, PoolOptions, PoolView } from './pools/pool';

/** Looks often, and changes its mind at once. */
const WATCHFUL: HealthOptions = { kind: 'tcp', intervalMs: 20, timeoutMs: 2_000, fall: 1, rise: 1 };

describe.each(READINGS)('Relay with several pools, reading with %s', (_name, reading) => {
  let fixture: RelayFixture;
  let second: FakePool;
  const more: FakePool[] = [];
  let forgetNames = (): void => undefined;

  /** The fixture's pool is `first`, another one is `second`. */
  const start = async (
    { first = {}, then = {} }: { first?: Partial<PoolOptions>; then?: Partial<PoolOptions> } = {},
    options: FixtureOptions = {},
  ) => {
    second = await FakePool.listen();
    more.push(second);
    const own = await FakePool.listen();
    more.push(own);
    fixture = await RelayFixture.start({
      reading,
      pools: [
        plainPool({ name: 'first', port: own.port, ...first }),
        plainPool({ name: 'second', port: second.port, priority: 1, ...then }),
      ],
      listeners: [plainListener({ pools: ['first', 'second'] })],
      ...options,
    });
    return own;
  };

  const viewOf = (name: string) => fixture.relay.pools.find((pool) => pool.name === name)!;
  const upstreamAt = async (pool: FakePool) => {
    const connected = once(fixture.relay.events, 'connected');
    const miner = await fixture.miner();
    const upstream = await pool.next();
    await connected;
    return { miner, upstream };
  };

  afterEach(async () => {
    forgetNames();
    await Promise.all(more.splice(0).map((pool) => pool.close()));
    await fixture.stop();
  });

  it('serves from the lowest priority that is up', async () => {
    const first = await start();
    await upstreamAt(first);
    expect(fixture.taps.last.session.poolHost).toBe(`127.0.0.1:${first.port}`);
    expect([viewOf('first').sessions, viewOf('second').sessions]).toEqual([1, 0]);
  });

  it('tries the next pool at once where one refuses, and the miner has lost nothing', async () => {
    const first = await start();
    await first.close();
    const miner = await Peer.connect(fixture.port);
    fixture.miners.push(miner);
    miner.write('hello');
    const upstream = await second.next();
    expect((await upstream.receives(5)).toString()).toBe('hello');
    expect(fixture.taps.opened).toHaveLength(1);
    expect(fixture.taps.last.session.poolHost).toBe(`127.0.0.1:${second.port}`);
    expect(viewOf('first')).toMatchObject({ failovers: 1, state: 'up' });
    expect([viewOf('first').dials.get('DIAL_FAILED'), viewOf('second').dials.get('ok')]).toEqual([1, 1]);
  });

  it('gives a pool that does not answer its own time only, and then tries the next one', async () => {
    let dials = 0;
    const silent = gatedDials(reading, new Promise(() => undefined));
    const first = await start(
      { first: { health: { ...WATCHFUL, intervalMs: 3_600_000, timeoutMs: 50 } } },
      {
        reading: {
          ...reading,
          dial: (options) => ((dials += 1) === 1 ? silent.dial(options) : reading.dial(options)),
        },
      },
    );
    await upstreamAt(second);
    expect(viewOf('first').dials.get('DIAL_TIMEOUT')).toBe(1);
    expect(first.peers).toHaveLength(0);
  });

  it('ends with NO_POOL where all that could be tried have failed, and says how each of them did', async () => {
    const first = await start();
    await first.close();
    await second.close();
    const miner = await fixture.miner();
    await miner.ended;
    const { reason } = await fixture.end();
    expect(reason).toMatchObject({ side: 'upstream', code: 'NO_POOL' });
    expect(reason.cause?.message).toMatch(/first: DIAL_FAILED .*ECONNREFUSED.*; second: DIAL_FAILED/);
  });

  it('never dials a pool that is down, and dials it again once a check says that it is up', async () => {
    const first = await start({ first: { health: WATCHFUL } });
    const { port } = first;
    const down = once(fixture.relay.events, 'poolDown');
    await first.close();
    const [pool, why] = (await down) as [PoolView, string];
    expect([pool.name, why]).toEqual(['first', expect.stringContaining('ECONNREFUSED')]);
    await upstreamAt(second);
    const up = once(fixture.relay.events, 'poolUp');
    const again = await FakePool.listen({ port });
    more.push(again);
    await up;
    await serves(again);
    expect(viewOf('first').sessions).toBe(1);
  });

  /** A miner that this pool serves: connections of checks come to it as well, and leave without a word. */
  async function serves(pool: FakePool): Promise<{ miner: Peer; upstream: Peer }> {
    const miner = await fixture.miner();
    miner.write('!');
    return { miner, upstream: await speaking(pool) };
  }

  async function speaking(pool: FakePool): Promise<Peer> {
    for (;;) {
      const upstream = await pool.next();
      const speaks = upstream.receives(1).then(() => true);
      const leaves = upstream.ended.then(
        () => false,
        () => false,
      );
      if (await Promise.race([speaks, leaves])) return upstream;
      upstream.end();
    }
  }

  it('keeps a miner waiting, unread, while no pool is up, and serves it the moment that one is', async () => {
    const port = await freePort();
    await start(
      { first: { port, health: WATCHFUL }, then: { enabled: false } },
      { failover: { noPoolDelayMs: 10_000 } },
    );
    await once(fixture.relay.events, 'poolDown');
    const miner = await fixture.miner();
    miner.write('early');
    const pool = await FakePool.listen({ port });
    more.push(pool);
    expect((await (await speaking(pool)).receives(5)).toString()).toBe('early');
  });

  it('turns a miner away after a pause that is bounded, while no pool is up', async () => {
    const port = await freePort();
    await start(
      { first: { port, health: { ...WATCHFUL, intervalMs: 3_600_000 } }, then: { enabled: false } },
      { failover: { noPoolDelayMs: 120 } },
    );
    const codes: string[] = [];
    for (let miners = 1; miners <= 3; miners += 1) {
      await (
        await fixture.miner()
      ).ended;
      codes.push((await fixture.end(miners)).reason.code);
    }
    expect(codes).toEqual(['DIAL_FAILED', 'NO_POOL', 'NO_POOL']);
    expect(fixture.ends[2]!.durationMs).toBeLessThan(5_000);
    expect(fixture.ends[2]!.durationMs).toBeGreaterThan(45);
  });

  it('closes the sessions of a pool that goes down, in order, where that is wanted, and counts them', async () => {
    const first = await start({ first: { health: WATCHFUL } }, { failover: { onDown: 'close' } });
    const { miner, upstream } = await serves(first);
    first.stopListening();
    await miner.ended;
    miner.end();
    upstream.end();
    const { reason } = await fixture.end();
    expect(reason).toEqual({ side: 'upstream', code: 'POOL_DOWN' });
    expect(viewOf('first').failovers).toBe(1);
  });

  it('leaves them alone where it is not', async () => {
    const first = await start({ first: { health: WATCHFUL } });
    const { miner, upstream } = await serves(first);
    const down = once(fixture.relay.events, 'poolDown');
    first.stopListening();
    await down;
    upstream.write('still here');
    expect((await miner.receives(10)).toString()).toBe('still here');
  });

  it('sends miners back to the better pool when it is up again, where that is wanted', async () => {
    const port = await freePort();
    await start({ first: { port, health: WATCHFUL } }, { failover: { failback: 'drain' } });
    await once(fixture.relay.events, 'poolDown');
    const { miner, upstream } = await upstreamAt(second);
    more.push(await FakePool.listen({ port }));
    await miner.ended;
    miner.end();
    upstream.end();
    expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'FAILBACK' });
  });

  it('stays with the worse pool for as long as that is up, where that is wanted', async () => {
    const port = await freePort();
    await start({ first: { port, health: WATCHFUL } }, { failover: { failback: 'never' } });
    await once(fixture.relay.events, 'poolDown');
    await upstreamAt(second);
    const up = once(fixture.relay.events, 'poolUp');
    more.push(await FakePool.listen({ port }));
    await up;
    await upstreamAt(second);
    expect(viewOf('second').sessions).toBe(2);
  });

  it('takes a pool out of use and back by hand', async () => {
    const first = await start();
    const { miner, upstream } = await upstreamAt(first);
    expect(fixture.relay.drainPool('first')).toBe(true);
    await miner.ended;
    miner.end();
    upstream.end();
    expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'POOL_DRAINED' });
    await upstreamAt(second);
    expect(viewOf('first')).toMatchObject({ state: 'drained', up: true });
    fixture.relay.resumePool('first');
    await upstreamAt(first);
    expect(fixture.relay.drainPool('third')).toBe(false);
  });

  it('waits for the answers to shares before it moves a session', async () => {
    const first = await start();
    const { miner, upstream } = await upstreamAt(first);
    fixture.taps.last.inFlight = 1;
    miner.write('share');
    await upstream.receives(5);
    fixture.relay.drainPool('first');
    upstream.write('answer');
    expect((await miner.receives(6)).toString()).toBe('answer');
    expect(fixture.ends).toHaveLength(0);
    fixture.taps.last.inFlight = 0;
    upstream.write('.');
    await miner.ended;
    miner.end();
    upstream.end();
    expect(await fixture.end()).toMatchObject({ reason: { code: 'POOL_DRAINED' }, undeliveredToUpstream: 0 });
  });

  it('resolves a name at each dial and tries every address of it in turn', async () => {
    // The name stands for ::1 and for 127.0.0.1, where the machine has both; the pool is at the second one.
    const first = await start({ first: { host: 'localhost' } });
    await upstreamAt(first);
    expect(viewOf('first').dials.get('ok')).toBe(1);
  });

  it('asks for a name once while it is being asked, however many miners come, and anew for those who come later', async () => {
    const answers: (() => void)[] = [];
    forgetNames = resolveNames({ 'pool.test': ['127.0.0.1'] }, (tell) => answers.push(tell));
    await start({ first: { host: 'pool.test' } });
    for (let count = 0; count < 3; count += 1) await fixture.miner();
    await fixture.accepted(3);
    expect(answers).toHaveLength(1);
    answers.splice(0).forEach((tell) => tell());
    while (fixture.taps.opened.length < 3) await new Promise(setImmediate);
    await fixture.miner();
    await fixture.accepted(4);
    expect(answers).toHaveLength(1);
    answers.splice(0).forEach((tell) => tell());
    while (fixture.taps.opened.length < 4) await new Promise(setImmediate);
  });

  it('counts one question that fails as one failure of the pool, however many miners waited for its answer', async () => {
    const answers: (() => void)[] = [];
    forgetNames = resolveNames({ 'pool.test': [] }, (tell) => answers.push(tell));
    await start({ first: { host: 'pool.test', health: { ...WATCHFUL, intervalMs: 3_600_000, fall: 2 } } });
    for (let count = 0; count < 3; count += 1) await fixture.miner();
    await fixture.accepted(3);
    answers.splice(0).forEach((tell) => tell());
    while (viewOf('second').sessions < 3) await new Promise(setImmediate);
    expect(viewOf('first').dials.get('DIAL_FAILED')).toBe(3);
    expect(viewOf('first').up).toBe(true);
  });

  // A check had the time of one address in all: a pool of which the first one is dead was down as soon as it was looked at.
  it('tries each address of a name within the time of a check', async () => {
    forgetNames = resolveNames({ 'pool.test': ['127.0.0.2', '127.0.0.1'] });
    const silent = gatedDials(reading, new Promise(() => undefined));
    const first = await start(
      { first: { host: 'pool.test', health: { ...WATCHFUL, timeoutMs: 400 } } },
      {
        reading: {
          ...reading,
          dial: (options) => (options.host === '127.0.0.2' ? silent : reading).dial(options),
        },
      },
    );
    await first.next();
    while (viewOf('first').dials.get('ok') === 0) await new Promise(setImmediate);
    expect(viewOf('first').dials.get('DIAL_TIMEOUT')).toBe(0);
    expect(viewOf('first').up).toBe(true);
  });

  it.each([
    ['accepts and resets', (peer: Peer) => peer.reset(), /closed|ECONNRESET|EPIPE/],
    ['accepts and ends', (peer: Peer) => peer.end(), /ended the connection/],
    ['answers with what is no JSON', (peer: Peer) => peer.write('hello\n'), /no JSON/],
    [
      'refuses a subscribe',
      (peer: Peer) => peer.write('{"id":1,"error":[20,"no",null]}\n'),
      /refuses a subscribe/,
    ],
    ['says nothing', () => undefined, /did not answer a subscribe/],
  ] as const)(
    'finds a pool that %s by a stratum check, and sends miners to the next one',
    async (_, does, why) => {
      const stratum = { ...WATCHFUL, kind: 'stratum', timeoutMs: 100 } as const;
      const first = await start({ first: { health: stratum } });
      const down = once(fixture.relay.events, 'poolDown');
      const misbehaving = (async () => {
        for (;;) does(await first.next());
      })();
      void misbehaving;
      expect((await down)[1]).toMatch(why);
      await upstreamAt(second);
    },
  );

  it('asks a pool for an answer and a job where its check is to', async () => {
    const port = await freePort();
    const says: string[] = [];
    const stratum = { ...WATCHFUL, kind: 'stratum', timeoutMs: 100 } as const;
    await start({ first: { port, health: stratum } });
    await once(fixture.relay.events, 'poolDown');
    const pool = await FakePool.listen({ port });
    more.push(pool);
    let mute = true;
    const answering = (async () => {
      for (;;) {
        const peer = await pool.next();
        peer.socket.on('error', () => undefined);
        void peer.receives(10).then(
          (bytes) => {
            says.push(bytes.toString());
            peer.write('{"id":1,"result":[[],"00",4],"error":null}\n');
            if (!mute) peer.write('{"id":null,"method":"mining.notify","params":[]}\n');
          },
          () => undefined,
        );
      }
    })();
    void answering;
    while (viewOf('first').reason !== 'it sent no job' && says.length < 3) await new Promise(setImmediate);
    expect(viewOf('first').up).toBe(false);
    const up = once(fixture.relay.events, 'poolUp');
    mute = false;
    await up;
    expect(JSON.parse(says[0]!)).toMatchObject({ id: 1, method: 'mining.subscribe' });
  });
});
