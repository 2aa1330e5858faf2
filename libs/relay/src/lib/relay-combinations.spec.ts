import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import fc from 'fast-check';
import {
  CertificateFiles,
  FakePool,
  Peer,
  READINGS,
  RelayFixture,
  certificate,
  fingerprintOf,
  gatedDials,
  plainListener,
  plainPool,
  type KeyPair,
} from '../testing';
import { encodeProxyHeader } from './listeners/proxy-header';
import type { PoolTls } from './pools/pool';

const ENDS = {
  source: { address: '203.0.113.9', port: 40_001 },
  destination: { address: '198.51.100.1', port: 3_333 },
};

const BOTH = ['plain', 'tls'] as const;
const HEADERS = [null, 1, 2] as const;
const COMBINATIONS = BOTH.flatMap((down) =>
  BOTH.flatMap((up) => HEADERS.flatMap((into) => HEADERS.map((out) => [down, up, into, out] as const))),
);

describe.each(READINGS)('Relay over every combination, reading with %s', (_name, reading) => {
  const files = new CertificateFiles();
  let pair: KeyPair;
  let poolTls: PoolTls;
  let fixture: RelayFixture;

  beforeAll(async () => {
    pair = await certificate({ names: ['127.0.0.1'] });
    poolTls = { serverName: null, ca: pair.cert, fingerprintSha256: null, verify: true };
  });
  afterAll(() => files.remove());
  afterEach(() => fixture.stop());

  async function start(down: string, up: string, into: 1 | 2 | null, out: 1 | 2 | null): Promise<void> {
    fixture = await RelayFixture.start({
      reading,
      poolHeader: out !== null,
      ...(up === 'tls' ? { poolTls: pair } : {}),
      pool: { tls: up === 'tls' ? poolTls : null, proxyProtocol: out },
      listeners: [
        plainListener({
          tls: down === 'tls' ? { ...files.ofListener(pair), clientCaFile: null } : null,
          proxyProtocol: into === null ? null : { trustedCidrs: ['127.0.0.0/8'] },
        }),
      ],
    });
  }

  /** `first`: what it says in one piece with its header. */
  async function miner(
    down: string,
    into: 1 | 2 | null,
    first = '',
  ): Promise<{ miner: Peer; upstream: Peer }> {
    const connected = once(fixture.relay.events, 'connected');
    const header = into === null ? undefined : encodeProxyHeader(into, ENDS);
    let peer: Peer;
    if (down === 'tls') {
      peer = await Peer.connectTls(fixture.port, header ? { header } : {});
      peer.write(first);
    } else {
      peer = await Peer.connect(fixture.port);
      peer.write(Buffer.concat([header ?? Buffer.alloc(0), Buffer.from(first)]));
    }
    fixture.miners.push(peer);
    const upstream = await fixture.pool.next();
    await connected;
    return { miner: peer, upstream };
  }

  it.each(COMBINATIONS)(
    'carries any bytes in any chunks both ways, and half-closes: miner %s, pool %s, PROXY in %s, out %s',
    async (down, up, into, out) => {
      await start(down, up, into, out);
      const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(chunks, chunks, async (sent, answered) => {
          const session = await miner(down, into, 'first words');
          await Promise.all([writeApart(session.miner, sent), writeApart(session.upstream, answered)]);
          await Promise.all([session.miner.ended, session.upstream.ended]);
          expect(session.upstream.received.equals(Buffer.concat([Buffer.from('first words'), ...sent]))).toBe(
            true,
          );
          expect(session.miner.received.equals(Buffer.concat(answered))).toBe(true);
        }),
        { numRuns: 6 },
      );
      while (fixture.relay.activeSessions > 0) await new Promise(setImmediate);
      for (const end of fixture.ends) {
        expect(end).toMatchObject({
          reason: { code: 'ENDED' },
          undeliveredToUpstream: 0,
          undeliveredToDownstream: 0,
        });
      }
      for (const { session } of fixture.taps.opened) {
        if (into !== null)
          expect([session.remoteAddress, session.remotePort]).toEqual(['203.0.113.9', 40_001]);
        expect(session.bytesToUpstream).toBe(
          fixture.taps.opened.find((tap) => tap.session === session)!.bytes('to_upstream').length,
        );
      }
      if (out === null) return;
      const told = fixture.pool.headers.map(({ source }) => source);
      if (into !== null) expect(told).toEqual(told.map(() => ENDS.source));
      else expect(told.map((source) => source?.address)).toEqual(told.map(() => '127.0.0.1'));
    },
  );

  it.each([
    ['plain', 'tls'],
    ['tls', 'plain'],
    ['tls', 'tls'],
  ] as const)('carries 4 MB each way at the same time: miner %s, pool %s', async (down, up) => {
    await start(down, up, null, null);
    const session = await miner(down, null);
    const [sent, answered] = [randomBytes(4 << 20), randomBytes(4 << 20)];
    session.miner.end(sent);
    session.upstream.end(answered);
    await Promise.all([session.miner.ended, session.upstream.ended]);
    expect(session.upstream.received.equals(sent)).toBe(true);
    expect(session.miner.received.equals(answered)).toBe(true);
  });

  it.each([
    ['plain', 'tls'],
    ['tls', 'plain'],
    ['tls', 'tls'],
  ] as const)('hears of a reset and ends the other side: miner %s, pool %s', async (down, up) => {
    await start(down, up, null, null);
    const connected = once(fixture.relay.events, 'connected');
    const reset = await resettable(fixture.port, down === 'tls');
    const upstream = await fixture.pool.next();
    await connected;
    await upstream.receives(1);
    reset();
    await hungUpOn(upstream);
    const { reason } = await fixture.end();
    expect(reason).toMatchObject({ side: 'downstream', code: 'RESET' });
    // In TLS a reset cannot be passed on: there the stream ends without the notice of TLS.
    if (up === 'plain') expect((await upstream.closed).errorCode).toBe('ECONNRESET');
  });

  // A load balancer that looks whether a port is open comes with a header and leaves with it. Its socket was read for the
  // header, so that its end was told while the pool was dialled, and to nobody: each held a pool's connection for half a minute.
  it('hears of a miner that left behind its header while the pool was dialled', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    fixture = await RelayFixture.start({
      reading: gatedDials(reading, gate),
      listeners: [plainListener({ proxyProtocol: { trustedCidrs: ['127.0.0.0/8'] } })],
    });
    fixture.relay.netServers[0]!.once('connection', (accepted: Socket) =>
      accepted.once('end', () => setImmediate(open)),
    );
    const leaving = await fixture.miner();
    leaving.end(encodeProxyHeader(1, ENDS));
    const upstream = await fixture.pool.next();
    await upstream.ended;
    upstream.end();
    expect((await fixture.end()).reason).toEqual({ side: 'downstream', code: 'ENDED' });
  });

  it('holds memory bounded before a pool that takes nothing, also in TLS', async () => {
    fixture = await RelayFixture.start({
      reading,
      poolReads: false,
      poolTls: pair,
      pool: { tls: poolTls },
      listeners: [plainListener({ tls: { ...files.ofListener(pair), clientCaFile: null } })],
    });
    const session = await miner('tls', null);
    const sent = randomBytes(8 << 20);
    session.miner.end(sent);
    session.upstream.read();
    await session.upstream.ended;
    expect(session.upstream.received.equals(sent)).toBe(true);
  });
});

describe('Relay with the PROXY protocol', () => {
  let fixture: RelayFixture;
  const start = async (trustedCidrs: readonly string[], loginTimeoutMs = 20_000) => {
    fixture = await RelayFixture.start({
      limits: { loginTimeoutMs },
      listeners: [plainListener({ proxyProtocol: { trustedCidrs } })],
    });
  };
  afterEach(() => fixture.stop());

  it('turns away whoever may not send a header, unread', async () => {
    await start(['192.0.2.0/24']);
    const miner = await fixture.miner();
    expect((await miner.closed).errorCode).toBe('ECONNRESET');
    expect([fixture.rejections, fixture.taps.opened]).toEqual([['untrusted'], []]);
  });

  it.each([
    ['sends something else', '{"id":1}\n'],
    ['ends before its header does', null],
  ])('turns away a trusted address that %s', async (_, text) => {
    await start(['127.0.0.1/32']);
    const miner = await fixture.miner();
    if (text === null) miner.end('PROXY TCP4 ');
    else miner.write(text);
    await miner.closed;
    while (fixture.rejections.length === 0) await new Promise(setImmediate);
    expect([fixture.rejections, fixture.pool.peers]).toEqual([['no_header'], []]);
  });

  it('turns away a trusted address that sends no header within login_timeout_ms', async () => {
    await start(['127.0.0.1/32'], 60);
    const miner = await fixture.miner();
    miner.write('PROXY ');
    await hungUpOn(miner);
    while (fixture.rejections.length === 0) await new Promise(setImmediate);
    expect(fixture.rejections).toEqual(['no_header']);
    expect(fixture.relay.activeSessions).toBe(0);
  });

  it('forgets one that resets in the middle of its header', async () => {
    await start(['127.0.0.1/32']);
    const miner = await fixture.miner();
    miner.write('PROXY ');
    await fixture.accepted();
    miner.reset();
    while (fixture.relay.activeSessions > 0) await new Promise(setImmediate);
    expect(fixture.pool.peers).toEqual([]);
  });

  it('takes the address of the socket where the header says that the connection is its own', async () => {
    await start(['127.0.0.1/32']);
    const connected = once(fixture.relay.events, 'connected');
    const miner = await fixture.miner();
    miner.write(Buffer.concat([encodeProxyHeader(2, undefined), Buffer.from('hello')]));
    const upstream = await fixture.pool.next();
    await connected;
    expect((await upstream.receives(5)).toString()).toBe('hello');
    expect(fixture.taps.last.session.remoteAddress).toBe('127.0.0.1');
  });

  it('tells the pool of a check of our own that it is', async () => {
    const pool = await FakePool.listen({ header: true });
    fixture = await RelayFixture.start({
      pools: [
        plainPool({
          port: pool.port,
          proxyProtocol: 2,
          health: { kind: 'tcp', intervalMs: 10, timeoutMs: 1_000, fall: 1, rise: 1 },
        }),
      ],
    });
    while (pool.headers.length === 0) await new Promise(setImmediate);
    expect(pool.headers[0]).toEqual({ source: undefined, destination: undefined });
    await pool.close();
  });
});

describe('Relay in TLS', () => {
  const files = new CertificateFiles();
  let fixture: RelayFixture;
  let own: KeyPair;
  let authority: KeyPair;
  beforeAll(async () => {
    authority = await certificate({ names: ['authority.test'] });
    own = await certificate({ names: ['127.0.0.1'], by: authority });
  });
  afterAll(() => files.remove());
  afterEach(() => fixture.stop());

  const listener = (clientCaFile: string | null = null) =>
    plainListener({ tls: { ...files.ofListener(own), clientCaFile } });
  const dialled = async (tls: Partial<PoolTls>, shown = own) => {
    const all = { serverName: null, ca: authority.cert, fingerprintSha256: null, verify: true, ...tls };
    fixture = await RelayFixture.start({ poolTls: shown, pool: { tls: all } });
    const miner = await fixture.miner();
    const outcome = await Promise.race([
      once(fixture.relay.events, 'connected').then(() => 'connected'),
      fixture.end().then(({ reason }) => `${reason.code} ${reason.cause?.message ?? ''}`),
    ]);
    miner.socket.destroy();
    return outcome;
  };

  it('dials a pool whose certificate is by the authority, for the name, or pinned', async () => {
    expect(await dialled({})).toBe('connected');
    await fixture.stop();
    const named = await certificate({ names: ['pool.test'], by: authority });
    expect(await dialled({ serverName: 'pool.test' }, named)).toBe('connected');
    await fixture.stop();
    expect(await dialled({ ca: null, fingerprintSha256: fingerprintOf(own) })).toBe('connected');
    await fixture.stop();
    expect(await dialled({ ca: null, verify: false })).toBe('connected');
  });

  it('refuses a pool with another name, another authority, another pin, or one that has ended, and says what came', async () => {
    const other = await certificate({ names: ['elsewhere.test'], by: authority });
    expect(await dialled({}, other)).toMatch(
      /^TLS_UNVERIFIED expected a certificate for 127\.0\.0\.1 by an authority of ca_file, came one for DNS:elsewhere\.test .*ALTNAME/,
    );
    await fixture.stop();
    expect(await dialled({ ca: null })).toMatch(
      /^TLS_UNVERIFIED .*by a known authority, came one for IP Address:127\.0\.0\.1/,
    );
    await fixture.stop();
    expect(await dialled({ fingerprintSha256: 'ab'.repeat(32) })).toMatch(
      /^TLS_UNVERIFIED expected the certificate with SHA-256 abab.*, came one for .*SHA-256 [\dA-F:]+/,
    );
    await fixture.stop();
    const ended = await certificate({ by: authority, validDays: -1 });
    expect(await dialled({}, ended)).toMatch(/^TLS_UNVERIFIED .*CERT_HAS_EXPIRED/);
  });

  it('tells a pool that speaks no TLS, or ends in the middle of the handshake, from one that cannot be reached', async () => {
    const tls = { serverName: null, ca: null, fingerprintSha256: null, verify: true };
    fixture = await RelayFixture.start({ pool: { tls } });
    const miner = await fixture.miner();
    (await fixture.pool.next()).write('{"id":null,"method":"mining.notify"}\n');
    await miner.ended;
    expect((await fixture.end()).reason).toMatchObject({ side: 'upstream', code: 'TLS_HANDSHAKE' });
    await fixture.miner();
    (await fixture.pool.next()).end();
    expect((await fixture.end(2)).reason).toMatchObject({ side: 'upstream', code: 'TLS_HANDSHAKE' });
    expect(fixture.relay.pools[0]!.dials.get('TLS_HANDSHAKE')).toBe(2);
  });

  it('gives up a pool whose handshake stalls', async () => {
    const tls = { serverName: null, ca: null, fingerprintSha256: null, verify: true };
    fixture = await RelayFixture.start({ pool: { tls }, limits: { connectionTimeoutMs: 80 } });
    const miner = await fixture.miner();
    await miner.ended;
    expect((await fixture.end()).reason).toMatchObject({
      code: 'TLS_HANDSHAKE',
      cause: { message: expect.stringContaining('too long') as string },
    });
  });

  it('ends a miner whose handshake stalls, is garbage, or is broken off, each as one session', async () => {
    fixture = await RelayFixture.start({ listeners: [listener()], limits: { loginTimeoutMs: 80 } });
    const stalls = await fixture.miner();
    await hungUpOn(stalls);
    const talks = await fixture.miner();
    talks.write('{"id":1,"method":"mining.subscribe","params":[]}\n');
    await hungUpOn(talks);
    const leaves = await fixture.miner();
    leaves.reset();
    await fixture.end(3);
    expect(fixture.ends.map(({ reason }) => `${reason.side} ${reason.code}`)).toEqual([
      'downstream TLS_HANDSHAKE',
      'downstream TLS_HANDSHAKE',
      'downstream TLS_HANDSHAKE',
    ]);
    expect(fixture.ends[0]!.reason.cause?.message).toContain('login_timeout_ms');
    expect(fixture.pool.peers).toEqual([]);
    expect(fixture.relay.activeSessions).toBe(0);
  });

  it('wants a certificate of miners where it has an authority for them', async () => {
    fixture = await RelayFixture.start({ listeners: [listener(files.write('ca.crt', authority.cert))] });
    const known = await certificate({ names: ['miner.test'], by: authority });
    const connected = once(fixture.relay.events, 'connected');
    fixture.miners.push(await Peer.connectTls(fixture.port, known));
    await connected;
    const stranger = await certificate({ names: ['stranger.test'] });
    for (const shown of [{}, stranger]) {
      const miner = await Peer.connectTls(fixture.port, shown);
      fixture.miners.push(miner);
      await hungUpOn(miner);
    }
    await fixture.end(2);
    expect(fixture.ends.map(({ reason }) => reason.code)).toEqual(['TLS_UNVERIFIED', 'TLS_UNVERIFIED']);
    expect(fixture.ends[0]!.reason.cause?.message).toMatch(
      /expected a certificate by an authority of client_ca_file, none came/,
    );
    expect(fixture.ends[1]!.reason.cause?.message).toContain('stranger.test');
  });

  it('takes new files over for new connections, and keeps the old ones where the new ones cannot be used', async () => {
    fixture = await RelayFixture.start({ listeners: [listener()] });
    const seen: unknown[] = [];
    fixture.relay.events.on('certificate', (name, fault) => seen.push([name, fault === undefined]));
    const shown = async () => {
      const peer = await Peer.connectTls(fixture.port);
      fixture.miners.push(peer);
      const { subject } = (peer.socket as TLSSocket).getPeerCertificate();
      return { peer, subject: subject.CN };
    };
    const { peer } = await shown();
    const before = fixture.relay.certificateExpiries.get('test');
    files.ofListener(await certificate({ names: ['renewed.test'], validDays: 60 }));
    fixture.relay.refreshCertificates();
    fixture.relay.refreshCertificates();
    expect((await shown()).subject).toBe('renewed.test');
    expect(fixture.relay.certificateExpiries.get('test')).toBeGreaterThan(before!);
    files.write('listener.key', 'nonsense');
    fixture.relay.refreshCertificates();
    expect((await shown()).subject).toBe('renewed.test');
    expect(seen).toEqual([
      ['test', true],
      ['test', false],
    ]);
    // The session from before is as it was.
    const [upstream] = fixture.pool.peers;
    peer.write('still here');
    while (!fixture.pool.peers.some(({ received }) => received.toString() === 'still here'))
      await new Promise(setImmediate);
    expect(upstream).toBeDefined();
    files.ofListener(own);
  });
});

/** A miner that has said one byte, and what makes its connection end with a reset, also where it is in TLS. */
async function resettable(port: number, isTls: boolean): Promise<() => void> {
  const raw = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  raw.on('error', () => undefined);
  await once(raw, 'connect');
  if (!isTls) {
    raw.write('x');
    return () => raw.resetAndDestroy();
  }
  // Not the socket itself, which TLS would take over and with it its end.
  const carrier = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => raw.write(chunk, () => done()),
  });
  raw.on('data', (chunk) => carrier.push(chunk));
  const socket = tlsConnect({ socket: carrier, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write('x');
  return () => raw.resetAndDestroy();
}

/** Resolves once the other end has ended the connection in whatever way; then this end does, too. */
async function hungUpOn(peer: Peer): Promise<void> {
  await Promise.race([peer.ended.catch(() => undefined), peer.closed]);
  peer.end();
}

/** Writes each chunk in a turn of its own, then finishes the stream. */
async function writeApart(peer: Peer, chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    peer.write(chunk);
    await new Promise(setImmediate);
  }
  peer.end();
}
