import { once } from 'node:events';
import {
  CertificateFiles,
  FakePool,
  Peer,
  RelayFixture,
  certificate,
  plainListener,
  plainPool,
} from '../testing';
import type { ClientLimits } from './access/admission';
import type { RelayOptions } from './relay-options';

/** Connections a second: one more is let in after so long a time that no machine is slow enough. */
const NEXT_TO_NONE = 0.001;
/** One more every two seconds: what is done at once is done in less. */
const FEW = 0.5;

const NO_LIMITS: ClientLimits = { maxConnections: 0, connectRatePerS: 0, suspended: false };
const clients = (limits: Partial<ClientLimits>) => new Map([['acme', { ...NO_LIMITS, ...limits }]]);
const ofAcme = () => 'acme';

describe('who may come in', () => {
  let fixture: RelayFixture;
  afterEach(() => fixture.stop());

  /** One that is turned away: its connection is reset. */
  async function refused(): Promise<string> {
    const rejected = once(fixture.relay.events, 'rejected');
    const miner = await fixture.miner();
    await Promise.all([rejected, miner.closed]);
    return fixture.rejections.at(-1)!;
  }

  it.each([
    ['denied by a list', { denyCidrs: ['127.0.0.0/8'] }],
    ['denied though it is allowed', { allowCidrs: ['127.0.0.1/32'], denyCidrs: ['127.0.0.1/32'] }],
    ['not among those allowed', { allowCidrs: ['192.0.2.0/24'] }],
  ])('turns an address away that is %s', async (_, access) => {
    fixture = await RelayFixture.start({ access });
    expect(await refused()).toBe('denied');
    expect(fixture.pool.peers.length).toBe(0);
  });

  it('lets in whom the list allows', async () => {
    fixture = await RelayFixture.start({ access: { allowCidrs: ['127.0.0.0/8'] } });
    await fixture.session();
  });

  it('bounds the sessions of an address, and lets one in when another has gone', async () => {
    fixture = await RelayFixture.start({ access: { maxConnectionsPerIp: 2 } });
    const { miner, upstream } = await fixture.session();
    await fixture.session();
    expect(await refused()).toBe('max_connections_per_ip');
    miner.end();
    upstream.end();
    await fixture.end();
    await fixture.session();
  });

  it.each([
    ['connect_rate_per_ip', { connectRatePerIpPerS: FEW }],
    ['connect_rate', { connectRatePerS: FEW }],
  ] as const)('bounds how fast miners come by %s: a burst first, then the rate', async (cause, access) => {
    fixture = await RelayFixture.start({ access: { ...access, connectBurst: 3 } });
    for (let count = 0; count < 3; count += 1) await fixture.session();
    // What is refused costs nothing of the rate.
    for (let count = 0; count < 5; count += 1) expect(await refused()).toBe(cause);
    const coming = fixture.pool.next();
    while (fixture.pool.peers.length < 4) await Promise.race([coming, (await fixture.miner()).closed]);
  });

  it('lets a farm of 2,000 machines behind one address in at once', async () => {
    fixture = await RelayFixture.start({
      access: { connectRatePerIpPerS: NEXT_TO_NONE },
      maxConnections: 3_000,
    });
    for (let wave = 0; wave < 20; wave += 1) {
      await Promise.all(Array.from({ length: 100 }, () => fixture.miner()));
      await fixture.accepted(100 * (wave + 1));
    }
    expect(fixture.rejections).toEqual([]);
    expect(await refused()).toBe('connect_rate_per_ip');
  }, 30_000);

  it('turns a suspended client away before a pool is dialled, where its connection says whose it is', async () => {
    fixture = await RelayFixture.start({ clients: clients({ suspended: true }), clientOf: ofAcme });
    expect(await refused()).toBe('suspended');
    expect(fixture.pool.peers.length).toBe(0);
  });

  it('closes a session in order whose login says that its client is suspended', async () => {
    fixture = await RelayFixture.start({ clients: clients({ suspended: true }) });
    const { miner, upstream, tap } = await fixture.session();
    tap.onChunk = () => tap.identify({ clientId: 'acme', worker: 'acme.1' });
    upstream.write('the answer to the login\n');
    upstream.end();
    await miner.ended;
    expect(miner.received.toString()).toBe('the answer to the login\n');
    miner.end();
    expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'SUSPENDED' });
    expect(fixture.rejections).toEqual(['suspended']);
  });

  it('reads nothing more of a miner whose login says so', async () => {
    fixture = await RelayFixture.start({ clients: clients({ suspended: true }) });
    const { miner, upstream, tap } = await fixture.session();
    tap.onChunk = () => {
      tap.identify({ clientId: 'acme', worker: 'acme.1' });
      // Is there when the relay reads the next time.
      miner.write('share\n');
    };
    miner.write('login\n');
    await upstream.ended;
    expect(upstream.received.toString()).toBe('login\n');
  });

  it.each([
    ['its connection', ofAcme],
    ['its login', () => undefined],
  ])(
    'bounds the sessions of a client that is known by %s, whatever address they come from',
    async (_, clientOf) => {
      fixture = await RelayFixture.start({ clients: clients({ maxConnections: 1 }), clientOf });
      const first = await fixture.session();
      first.tap.identify({ clientId: 'acme', worker: 'acme.1' });
      if (clientOf() !== undefined) {
        expect(await refused()).toBe('client_max_connections');
        return;
      }
      const second = await fixture.session();
      second.tap.identify({ clientId: 'acme', worker: 'acme.2' });
      second.upstream.end();
      expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'CLIENT_LIMIT' });
      expect(fixture.rejections).toEqual(['client_max_connections']);
      expect(fixture.relay.activeSessions).toBe(1);
    },
  );

  it('bounds how fast the sessions of a client begin', async () => {
    const access = { connectBurst: 2 };
    fixture = await RelayFixture.start({
      access,
      clients: clients({ connectRatePerS: NEXT_TO_NONE }),
      clientOf: ofAcme,
    });
    await fixture.session();
    await fixture.session();
    expect(await refused()).toBe('client_connect_rate');
  });

  it('counts the address that a PROXY header brings, not that of the load balancer', async () => {
    const listeners = [plainListener({ proxyProtocol: { trustedCidrs: ['127.0.0.1/32'] } })];
    fixture = await RelayFixture.start({ access: { denyCidrs: ['192.0.2.9/32'] }, listeners });
    const header = (source: string) => `PROXY TCP4 ${source} 192.0.2.1 50000 3333\r\n`;
    const denied = await fixture.miner();
    denied.write(header('192.0.2.9'));
    await denied.closed;
    expect(fixture.rejections).toEqual(['denied']);
    const let_in = await fixture.miner();
    let_in.write(header('192.0.2.8'));
    await fixture.pool.next();
  });

  describe('with bans', () => {
    const ban = { junkSessions: 2, withinMs: 60_000, forMs: 60_000 };

    async function junk(): Promise<void> {
      const { miner, upstream, tap } = await fixture.session();
      tap.junk = true;
      miner.end();
      upstream.end();
      await fixture.end(fixture.ends.length + 1);
    }

    it('turns an address away that has sent only junk', async () => {
      fixture = await RelayFixture.start({ access: { ban } });
      const banned = once(fixture.relay.events, 'banned');
      await junk();
      await junk();
      expect(await banned).toEqual(['127.0.0.1']);
      expect(await refused()).toBe('banned');
    });

    it('does not ban a farm for one broken machine: while another one works, and after', async () => {
      fixture = await RelayFixture.start({ access: { ban } });
      const { miner, upstream } = await fixture.session();
      upstream.write('a job\n');
      await miner.receives(6);
      for (let count = 0; count < 3; count += 1) await junk();
      miner.end();
      upstream.end();
      await fixture.end(4);
      for (let count = 0; count < 3; count += 1) await junk();
      await fixture.session();
    });

    it('bans nobody for sessions that say nothing, or say what is no junk', async () => {
      fixture = await RelayFixture.start({ access: { ban } });
      for (let count = 0; count < 4; count += 1) {
        const { miner, upstream } = await fixture.session();
        miner.end();
        upstream.end();
        await fixture.end(count + 1);
      }
      await fixture.session();
    });

    it('bans an address that sends garbage in place of a TLS handshake', async () => {
      const files = new CertificateFiles();
      const tls = { ...files.ofListener(await certificate()), clientCaFile: null };
      fixture = await RelayFixture.start({ access: { ban }, listeners: [plainListener({ tls })] });
      for (let count = 0; count < 2; count += 1) {
        (await fixture.miner()).write('this is no hello\r\n');
        expect((await fixture.end(count + 1)).reason.code).toBe('TLS_HANDSHAKE');
      }
      expect(await refused()).toBe('banned');
      files.remove();
    });
  });
});

describe('a reload', () => {
  let fixture: RelayFixture;
  let options: RelayOptions;
  let second: FakePool;
  beforeEach(async () => (second = await FakePool.listen()));
  afterEach(async () => {
    await second.close();
    await fixture.stop();
  });

  const start = async (more: Parameters<typeof RelayFixture.start>[0] = {}) => {
    fixture = await RelayFixture.start(more);
    options = fixture.options;
  };
  const reload = (more: Partial<RelayOptions>) =>
    fixture.relay.reconfigure((options = { ...options, ...more }));
  const mainPool = () => plainPool({ port: fixture.pool.port });
  const otherPool = () => plainPool({ name: 'other', port: second.port });

  it('leaves live sessions alone', async () => {
    await start();
    const { miner, upstream } = await fixture.session();
    reload({
      maxConnections: 1,
      pools: [mainPool(), otherPool()],
      failover: { ...options.failover, spreadMs: 1 },
    });
    miner.write('still here\n');
    expect((await upstream.receives(11)).toString()).toBe('still here\n');
    const rejected = once(fixture.relay.events, 'rejected');
    await fixture.miner();
    await rejected;
    expect(fixture.rejections).toEqual(['max_connections']);
  });

  it('closes the sessions of clients that are suspended, and counts those of others as before', async () => {
    await start({ clients: clients({ maxConnections: 2 }) });
    const sessions = [await fixture.session(), await fixture.session()];
    for (const { tap } of sessions) tap.identify({ clientId: 'acme', worker: 'acme.1' });
    reload({ clients: clients({ suspended: true }) });
    for (const { upstream } of sessions) upstream.end();
    expect((await fixture.end(1)).reason.code).toBe('SUSPENDED');
    expect((await fixture.end(2)).reason.code).toBe('SUSPENDED');
    reload({ clients: clients({ maxConnections: 1 }) });
    const { tap } = await fixture.session();
    tap.identify({ clientId: 'acme', worker: 'acme.1' });
    expect(fixture.rejections).toEqual([]);
  });

  it('counts sessions that were there before the limit was', async () => {
    await start();
    const { tap } = await fixture.session();
    tap.identify({ clientId: 'acme', worker: 'acme.1' });
    reload({
      clients: clients({ maxConnections: 1 }),
      clientOf: ofAcme,
      access: { ...options.access, maxConnectionsPerIp: 1 },
    });
    const rejected = once(fixture.relay.events, 'rejected');
    await fixture.miner();
    await rejected;
    expect(fixture.rejections).toEqual(['max_connections_per_ip']);
    reload({ access: { ...options.access, maxConnectionsPerIp: 0 } });
    const again = once(fixture.relay.events, 'rejected');
    await fixture.miner();
    await again;
    expect(fixture.rejections.at(-1)).toBe('client_max_connections');
  });

  it('closes the sessions of addresses that are denied', async () => {
    await start();
    const { upstream } = await fixture.session();
    reload({ access: { ...options.access, denyCidrs: ['127.0.0.0/8'] } });
    upstream.end();
    expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'DENIED' });
  });

  it('moves the sessions of a pool that is gone, and sends new ones to those that are there', async () => {
    await start();
    const { upstream } = await fixture.session();
    const listeners = options.listeners.map((listener) => ({ ...listener, pools: ['other'] }));
    reload({ pools: [otherPool()], listeners });
    upstream.end();
    expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'POOL_REMOVED' });
    const miner = await fixture.miner();
    const there = await second.next();
    miner.write('hello\n');
    expect((await there.receives(6)).toString()).toBe('hello\n');
    expect(fixture.relay.pools.map(({ name }) => name)).toEqual(['other']);
  });

  it('keeps what is known of a pool that stays, and what somebody did to it by hand', async () => {
    await start();
    fixture.relay.drainPool('pool');
    reload({ pools: [{ ...mainPool(), weight: 7 }] });
    expect(fixture.relay.pools).toMatchObject([{ state: 'drained', weight: 7 }]);
    reload({ pools: [{ ...mainPool(), enabled: false }] });
    reload({ pools: [{ ...mainPool(), enabled: true }] });
    expect(fixture.relay.pools).toMatchObject([{ state: 'up' }]);
  });

  it('drains a pool that is not enabled any more', async () => {
    await start({ failover: { spreadMs: 1 } });
    const { upstream } = await fixture.session();
    reload({ pools: [{ ...mainPool(), enabled: false }, otherPool()] });
    upstream.end();
    expect((await fixture.end()).reason.code).toBe('POOL_DRAINED');
  });

  it('serves miners who wait, the moment that it brings a pool', async () => {
    await start({ failover: { noPoolDelayMs: 20_000 } });
    fixture.relay.drainPool('pool');
    const first = fixture.end();
    await fixture.miner();
    await first;
    const miner = await fixture.miner();
    await fixture.accepted();
    reload({
      pools: [{ ...mainPool(), enabled: true }, otherPool()],
      listeners: options.listeners.map((listener) => ({ ...listener, pools: ['other'] })),
    });
    const there = await second.next();
    miner.write('at last\n');
    expect((await there.receives(8)).toString()).toBe('at last\n');
  });

  it('changes nothing where a certificate cannot be used', async () => {
    await start();
    const tls = { certFile: '/nowhere.pem', keyFile: '/nowhere.key', clientCaFile: null };
    const listeners = options.listeners.map((listener) => ({ ...listener, tls }));
    expect(() => fixture.relay.reconfigure({ ...options, maxConnections: 1, listeners })).toThrow('ENOENT');
    expect(fixture.relay.maxConnections).toBe(100);
    await fixture.session();
  });

  it('brings TLS to a listener that had none, for new connections', async () => {
    await start();
    const plain = await fixture.session();
    const files = new CertificateFiles();
    const pair = await certificate();
    const tls = { ...files.ofListener(pair), clientCaFile: null };
    reload({ listeners: options.listeners.map((listener) => ({ ...listener, tls })) });
    const secured = await Peer.connectTls(fixture.port, { ca: pair.cert });
    fixture.miners.push(secured);
    const upstream = await fixture.pool.next();
    secured.write('inside\n');
    expect((await upstream.receives(7)).toString()).toBe('inside\n');
    plain.miner.write('plain\n');
    expect((await plain.upstream.receives(6)).toString()).toBe('plain\n');
    files.remove();
  });
});

describe('closing by hand', () => {
  let fixture: RelayFixture;
  afterEach(() => fixture.stop());

  it('closes one session, or all of a client, in order', async () => {
    fixture = await RelayFixture.start({ failover: { spreadMs: 1 } });
    const [one, acme, other] = [await fixture.session(), await fixture.session(), await fixture.session()];
    acme.tap.identify({ clientId: 'acme' });
    expect(fixture.relay.closeSession('nobody')).toBe(false);
    expect(fixture.relay.closeSession(one.tap.session.id)).toBe(true);
    one.upstream.end();
    expect((await fixture.end()).reason).toEqual({ side: 'relay', code: 'OPERATOR' });
    expect(fixture.relay.closeSessionsOf('nobody')).toBe(0);
    expect(fixture.relay.closeSessionsOf('acme')).toBe(1);
    acme.upstream.end();
    expect((await fixture.end(2)).reason).toEqual({ side: 'relay', code: 'OPERATOR' });
    other.miner.write('not I\n');
    expect((await other.upstream.receives(6)).toString()).toBe('not I\n');
    expect(fixture.relay.closeSessionsOf(undefined)).toBe(1);
    other.upstream.end();
    await fixture.end(3);
  });
});
