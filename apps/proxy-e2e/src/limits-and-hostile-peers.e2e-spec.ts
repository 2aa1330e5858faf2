import { randomBytes } from 'node:crypto';
import {
  eventually,
  type Labels,
  logIn,
  type MetricsPage,
  playPool,
  type ProxyProcess,
  type RawPeer,
  type RawPool,
  Stage,
  submit,
} from '@mining-proxy/e2e-support';
import { earliestMs } from '@mining-proxy/relay/testing';
import { standingHouse } from './support/house';

const MIB = 2 ** 20;

/** Says nothing any more; only who resets or reads is heard. */
const TLS_HELLO = Buffer.concat([Buffer.from('16030100c8010000c40303', 'hex'), randomBytes(200)]);
const HTTP_GET = 'GET /admin.php?password=hunter2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const SECRETS = /hunter2|admin\.php/;

/**
 * Guards the neighbours: whatever a peer sends, or fails to do, its own session goes on or ends for its own
 * counted reason, and a miner beside it notices nothing.
 */
describe('hostile peers', () => {
  const house = new Stage();
  const stage = new Stage();
  let pool: RawPool;
  let proxy: ProxyProcess;
  let neighbour: RawPeer;
  let pings = 0;

  beforeAll(async () => {
    pool = await house.rawPool({ greets: (peer) => peer.onLine(() => peer.say({ id: 1, result: 'pong' })) });
    proxy = await house.proxy({ poolPort: pool.port, proxy: { max_line_bytes: 16_384 } });
    const session = await house.session(proxy, pool);
    neighbour = session.miner;
    await pingNeighbour();
  });
  afterEach(async () => {
    await pingNeighbour();
    await stage.clear();
  });
  afterAll(() => house.clear());

  it.each([
    ['a garbage line', 'password=hunter2 and no JSON at all\n', { reason: 'not_json' }],
    [
      'a line of half an object',
      '{"id":1,"method":"mining.authorize","params":["a","hunter2"\n',
      { reason: 'not_json' },
    ],
  ])('passes on and counts %s', async (_name, line, labels) => {
    const before = await proxy.metrics();
    const { upstream } = await crosses(line);
    await grows('stratum_unparsed_lines_total', { direction: 'to_upstream', ...labels }, 1, before);
    await endsQuietly(upstream);
  });

  it('passes on NUL bytes and goes on to read the lines between them', async () => {
    const before = await proxy.metrics();
    const padded = Buffer.from(
      '\0\0\0{"id":1,"method":"mining.authorize","params":["nul.rig1","x"]}\n\0\0\n',
    );
    const { upstream } = await crosses(padded);
    await grows('stratum_connections_total', { client_id: 'nul' }, 1, before);
    await endsQuietly(upstream);
  });

  it('passes on nothing but NUL bytes, a great many of them', async () => {
    const before = (await proxy.metrics()).value('stratum_sessions_total', { dialect: 'stratum1' });
    const { upstream } = await crosses(Buffer.alloc(300_000));
    await endsQuietly(upstream);
    await proxy.counts('stratum_sessions_total', { dialect: 'stratum1' }, before);
  });

  it('relays an endless line with bounded memory, and counts it once', async () => {
    const before = await proxy.metrics();
    const { miner, upstream } = await stage.session(proxy, pool);
    upstream.forget();
    const piece = Buffer.alloc(MIB, 'a');
    for (let sent = 0; sent < 128; sent += 1) await miner.writeAll(piece);
    await upstream.receives(128 * MIB);
    const page = await grows('stratum_unparsed_lines_total', { reason: 'too_long' }, 1, before);
    const resident = (each: MetricsPage) => each.value('process_resident_memory_bytes');
    expect(resident(page) - resident(before)).toBeLessThan(48 * MIB);
    miner.write('\n{"id":7,"method":"mining.noop","params":[]}\n');
    await miner.message();
    await endsQuietly(upstream);
  });

  it.each([
    ['an HTTP GET', HTTP_GET, 'http'],
    ['a TLS hello on the plain port', TLS_HELLO, 'tls'],
    ['random binary', Buffer.concat([Buffer.from([0xff, 0x01]), randomBytes(500)]), 'opaque'],
  ])('relays %s and counts its session and bytes by dialect', async (_name, bytes, dialect) => {
    const before = await proxy.metrics();
    const { upstream } = await crosses(bytes);
    await endsQuietly(upstream);
    const page = await grows('stratum_sessions_total', { dialect }, 1, before);
    const unmeasured = (each: MetricsPage) => each.value('stratum_unmeasured_bytes_total', { dialect });
    expect(unmeasured(page) - unmeasured(before)).toBeGreaterThanOrEqual(bytes.length);
    expect(page.value('stratum_connections_total', { client_id: 'unassigned' })).toBeGreaterThan(0);
  });

  it('lets a port scanner go that connects and hangs up', async () => {
    const before = await proxy.metrics();
    for (let scan = 0; scan < 20; scan += 1) (await stage.miner(proxy)).destroy();
    const closed = (page: MetricsPage) => page.value('stratum_session_closes_total', { side: 'downstream' });
    for (let scan = 0; scan < 20; scan += 1) {
      const upstream = await pool.next();
      await upstream.ended();
      upstream.end();
    }
    await eventually(async () => expect(closed(await proxy.metrics()) - closed(before)).toBe(20));
  });

  it('survives a storm of miners that reset at once', async () => {
    const miners = await Promise.all(Array.from({ length: 80 }, () => stage.miner(proxy)));
    for (const miner of miners) miner.reset();
    await onlyTheNeighbourIsLeft();
  });

  it('logs two lines for each session, and nothing that a peer has sent', async () => {
    await onlyTheNeighbourIsLeft();
    const opened = proxy.logsOf('session opened').map(({ sessionId }) => sessionId);
    const closed = proxy.logsOf('session closed').map(({ sessionId }) => sessionId);
    expect(new Set(closed).size).toBe(closed.length);
    expect(opened).toHaveLength(closed.length + 1);
    expect(proxy.output).not.toMatch(SECRETS);
  });

  /** A miner whose bytes arrive at the pool as they are. */
  async function crosses(bytes: Buffer | string): Promise<{ miner: RawPeer; upstream: RawPeer }> {
    const session = await stage.session(proxy, pool);
    session.miner.write(bytes);
    const expected = Buffer.from(bytes);
    expect((await session.upstream.receives(expected.length)).equals(expected)).toBe(true);
    return session;
  }

  async function endsQuietly(upstream: RawPeer): Promise<void> {
    const closes = (await proxy.metrics()).value('stratum_session_closes_total');
    upstream.end();
    await stage.clear();
    await eventually(async () =>
      expect((await proxy.metrics()).value('stratum_session_closes_total')).toBe(closes + 1),
    );
  }

  async function grows(name: string, labels: Labels, by: number, since: MetricsPage): Promise<MetricsPage> {
    return proxy.counts(name, labels, since.value(name, labels) + by);
  }

  async function pingNeighbour(): Promise<void> {
    pings += 1;
    neighbour.write('{"id":1,"method":"mining.ping","params":[]}\n');
    await eventually(() => expect(neighbour.lines()).toHaveLength(pings));
  }

  async function onlyTheNeighbourIsLeft(): Promise<void> {
    for (const peer of pool.peers.slice(1)) peer.end();
    await eventually(async () => {
      for (const peer of pool.peers.slice(1)) peer.end();
      expect((await proxy.metrics()).value('stratum_active_connections')).toBe(1);
    });
  }
});

/** Guards against peers that hold a session without using it: each limit has its own time and reason. */
describe('peers that do nothing', () => {
  const house = standingHouse({
    proxy: { login_timeout_ms: 600, slow_peer_timeout_ms: 600, idle_timeout_ms: 1_200 },
  });

  it('closes a miner that never sends after login_timeout_ms', async () => {
    const { miner, upstream } = await house.session();
    await Promise.all([miner.hungUpOn(), upstream.hungUpOn()]);
    await endedBy({ side: 'downstream', code: 'LOGIN_TIMEOUT', level: 'warn' }, 600);
  });

  it('closes a session in which nobody speaks for idle_timeout_ms', async () => {
    const { miner, upstream } = await house.session();
    miner.write('hello\n');
    await Promise.all([miner.hungUpOn(), upstream.hungUpOn()]);
    await endedBy({ side: 'relay', code: 'IDLE_TIMEOUT', level: 'warn' }, 1_200);
  });

  it.each(['downstream', 'upstream'] as const)(
    'closes a session whose %s never reads after slow_peer_timeout_ms, with bounded memory',
    async (side) => {
      const before = await house.proxy.residentBytes();
      const { miner, upstream } = await house.session();
      miner.write('hello\n');
      await upstream.receives(6);
      const [mute, flooding] = side === 'downstream' ? [miner, upstream] : [upstream, miner];
      mute.stopReading();
      await floodUntilClosed(flooding);
      await endedBy({ side, code: 'SLOW_PEER', level: 'warn' }, 600);
      expect((await house.proxy.residentBytes()) - before).toBeLessThan(48 * MIB);
      const direction = side === 'downstream' ? 'to_downstream' : 'to_upstream';
      expect(
        (await house.proxy.metrics()).value('stratum_undelivered_bytes_total', { direction }),
      ).toBeGreaterThan(0);
    },
  );

  /** The session of this test was the last to close, for this reason, not sooner, and was logged once. */
  async function endedBy(reason: Readonly<Record<string, string>>, afterMs: number): Promise<void> {
    await house.proxy.atRest();
    const lines = house.proxy.logsOf('session closed');
    expect(lines.at(-1)).toMatchObject(reason);
    expect(lines.at(-1)?.durationMs).toBeGreaterThanOrEqual(earliestMs(afterMs));
    const { side, code } = reason as { side: string; code: string };
    const logged = lines.filter((line) => line.side === side && line.code === code);
    expect((await house.proxy.metrics()).value('stratum_session_closes_total', { side, code })).toBe(
      logged.length,
    );
    expect(logged).toHaveLength(1);
  }
});

/** Guards the limit on sessions: a flood above it is turned away at the door, and whoever is inside stays. */
describe('limits', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('turns a flood above max_connections away, counts it, and serves those inside', async () => {
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer) });
    const proxy = await stage.proxy({ poolPort: pool.port, proxy: { max_connections: 5 } });
    const inside = await Promise.all(Array.from({ length: 5 }, () => stage.miner(proxy)));
    await proxy.counts('stratum_pool_sessions', {}, 5);
    await Promise.all(Array.from({ length: 200 }, () => turnedAway(proxy)));
    const page = await proxy.counts('stratum_rejected_connections_total', { reason: 'max_connections' }, 200);
    expect(page.value('stratum_max_connections')).toBe(5);
    expect(page.value('stratum_active_connections')).toBe(5);
    for (const [index, miner] of inside.entries()) {
      await logIn(miner, `acme.rig${index}`);
      miner.say(submit(9, `acme.rig${index}`));
      expect(await miner.messageWith(9)).toMatchObject({ result: true });
    }
    expect(pool.peers).toHaveLength(5);
  });

  it('gives the place of a miner that left to the next one', async () => {
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer) });
    const proxy = await stage.proxy({ poolPort: pool.port, proxy: { max_connections: 1 } });
    const { miner, upstream } = await stage.session(proxy, pool);
    await turnedAway(proxy);
    miner.end();
    await upstream.hungUpOn();
    await proxy.atRest();
    const next = await stage.miner(proxy);
    await logIn(next, 'acme.rig2');
    expect(await next.messageWith(2)).toMatchObject({ result: true });
  });

  /** A refused connection is reset, perhaps before its own side knows that it was made. */
  async function turnedAway(proxy: ProxyProcess): Promise<void> {
    try {
      await (await stage.miner(proxy)).hungUpOn();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    }
  }
});

async function floodUntilClosed(peer: RawPeer): Promise<void> {
  const flood = Buffer.alloc(MIB, 'x');
  while (!peer.socket.destroyed && !peer.finished) {
    // The write that was under way when the session ended fails.
    await Promise.race([peer.writeAll(flood).catch(() => undefined), peer.closed]);
  }
  peer.destroy();
}
