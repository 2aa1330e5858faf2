import { execFileSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import {
  AMPLE_LIMITS,
  FAILOVER,
  OPEN_ACCESS,
  FakePool,
  READINGS,
  RecordingTaps,
  RelayFixture,
  freePort,
  plainListener,
  plainPool,
} from '../testing';
import { dialFailure } from './session/close-reason';
import { Relay } from './relay';

describe.each(READINGS)('Relay limits, reading with %s', (_name, reading) => {
  let fixture: RelayFixture;
  afterEach(() => fixture.stop());

  it('resets a connection above the maximum and accepts again when one has left', async () => {
    fixture = await RelayFixture.start({ reading, maxConnections: 2 });
    const { miner, upstream } = await fixture.session();
    await fixture.session();
    const third = await fixture.miner();
    expect((await third.closed).errorCode).toBe('ECONNRESET');
    expect(fixture.rejections).toEqual(['max_connections']);
    expect(fixture.relay.activeSessions).toBe(2);
    miner.end();
    upstream.end();
    await fixture.end();
    const { miner: fourth, upstream: fourthUpstream } = await fixture.session();
    fourth.write('in');
    expect((await fourthUpstream.receives(2)).toString()).toBe('in');
  });

  it('keeps descriptors free: resets what would need the last ones, and serves those inside', async () => {
    fixture = await RelayFixture.start({ reading, maxConnections: 100, descriptorLimit: 132 });
    const { miner, upstream } = await fixture.session();
    await fixture.session();
    const third = await fixture.miner();
    expect((await third.closed).errorCode).toBe('ECONNRESET');
    expect(fixture.rejections).toEqual(['descriptors']);
    miner.write('in');
    expect((await upstream.receives(2)).toString()).toBe('in');
  });

  it('counts each session at its pool for as long as it lives', async () => {
    fixture = await RelayFixture.start({ reading });
    const { miner } = await fixture.session();
    await fixture.session();
    expect(fixture.relay.pools).toMatchObject([{ sessions: 2, up: true }]);
    miner.reset();
    await fixture.end();
    expect(fixture.relay.pools).toMatchObject([{ sessions: 1 }]);
  });

  it('goes on accepting after an accept that failed', async () => {
    fixture = await RelayFixture.start({ reading });
    const fault = once(fixture.relay.events, 'listenerFault');
    fixture.relay.netServers[0]!.emit('error', new Error('accept EMFILE'));
    expect(await fault).toEqual(['test', new Error('accept EMFILE')]);
    await fixture.session();
  });

  it('turns a miner away that reset before it was accepted', async () => {
    fixture = await RelayFixture.start({ reading });
    const rejected = once(fixture.relay.events, 'rejected');
    // While the other program runs, this one does not come to accept.
    const miner = `require('net').connect(${fixture.port}, '127.0.0.1').on('connect', function () { this.resetAndDestroy(); })`;
    execFileSync(process.execPath, ['-e', miner]);
    expect(await rejected).toEqual(['gone', { listener: 'test', remoteAddress: '', clientId: undefined }]);
    expect(fixture.relay.activeSessions).toBe(0);
  });
});

describe('a dial that failed', () => {
  it.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'EADDRNOTAVAIL'])('is our own fault when %s', (code) => {
    const cause = Object.assign(new Error(code), { code });
    expect(dialFailure(cause)).toEqual({ side: 'relay', code: 'LOCAL_LIMIT', cause });
  });

  it('is the fault of the pool when it refuses', () => {
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    expect(dialFailure(cause)).toEqual({ side: 'upstream', code: 'DIAL_FAILED', cause });
  });
});

describe('Relay listening', () => {
  const relayOn = (...listeners: { host: string; port: number }[]) =>
    new Relay(
      {
        listeners: listeners.map((at, i) => plainListener({ name: `listener ${i}`, ...at })),
        pools: [plainPool({ port: 1 })],
        failover: FAILOVER,
        access: OPEN_ACCESS,
        clients: new Map(),
        clientOf: () => undefined,
        maxConnections: 1,
        limits: AMPLE_LIMITS,
        drainTimeoutMs: 100,
        instanceId: 'test',
      },
      new RecordingTaps(),
    );
  let occupied: FakePool;
  beforeEach(async () => (occupied = await FakePool.listen()));
  afterEach(() => occupied.close());

  it('rejects with EADDRINUSE and leaves nothing bound', async () => {
    const port = await freePort();
    const relay = relayOn({ host: '127.0.0.1', port }, { host: '127.0.0.1', port: occupied.port });
    await expect(relay.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await (await FakePool.listen({ port })).close();
    expect(relay.state).toBe('idle');
  });

  it('leaves no listener behind whose name is looked up longer than another fails', async () => {
    const relay = relayOn({ host: '127.0.0.1', port: occupied.port }, { host: 'localhost', port: 0 });
    await expect(relay.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    // Look-ups are answered in turn: after this one the listener's has been.
    await lookup('localhost');
    expect(relay.netServers.map((server) => server.listening)).toEqual([false, false]);
  });

  it('rejects with EADDRNOTAVAIL for an address of others', async () => {
    const relay = relayOn({ host: '203.0.113.1', port: 0 });
    await expect(relay.listen()).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('stays closed when it was closed before it had bound', async () => {
    const relay = relayOn({ host: '127.0.0.1', port: 0 });
    const listening = relay.listen();
    await relay.close();
    await listening;
    expect(relay.state).toBe('closed');
    expect(relay.netServers[0]!.listening).toBe(false);
  });

  it('stays closed when it was drained while a name was looked up', async () => {
    const relay = relayOn({ host: 'localhost', port: 0 });
    const bind = jest.spyOn(relay.netServers[0]!, 'listen');
    const listening = relay.listen();
    while (bind.mock.calls.length === 0) await new Promise(setImmediate);
    await relay.drain();
    await listening;
    await relay.close();
    expect(relay.netServers[0]!.listening).toBe(false);
  });

  it('chooses the faster reading where this Node supports it', async () => {
    const relay = relayOn({ host: '127.0.0.1', port: 0 });
    await relay.listen();
    expect(relay.readingName).toBe('onread');
    await relay.close();
  });
});
