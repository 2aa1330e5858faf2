import { setImmediate as endOfTurn } from 'node:timers/promises';
import { RelayFixture, freePort, plainListener } from '../testing';

describe('Relay events', () => {
  let fixture: RelayFixture;
  afterEach(() => fixture.stop());

  /** The names of the session's events, as they come. */
  const journal = (): string[] => {
    const names: string[] = [];
    const { events } = fixture.relay;
    for (const name of ['opened', 'identified', 'connected', 'closed'] as const) {
      events.on(name, () => names.push(name));
    }
    return names;
  };

  it('tells a session’s life in order, also where its tap knows the client at once', async () => {
    fixture = await RelayFixture.start({
      prepareTap: (tap) => tap.identify({ clientId: 'acme', worker: 'acme.rig1' }),
    });
    const names = journal();
    const { miner } = await fixture.session();
    miner.reset();
    await fixture.end();
    expect(names).toEqual(['opened', 'identified', 'connected', 'closed']);
  });

  it('has the turn end in which a session opens or closes before immediates of those who hear of it', async () => {
    const order: string[] = [];
    fixture = await RelayFixture.start({ prepareTap: () => setImmediate(() => order.push('of the tap')) });
    fixture.relay.events.on('closed', () => setImmediate(() => order.push('of the close')));
    jest.spyOn(fixture.taps, 'turnEnded').mockImplementation(() => void order.push('turn ended'));
    const { miner } = await fixture.session();
    await endOfTurn();
    miner.reset();
    await fixture.end();
    await endOfTurn();
    expect(order).toEqual(['turn ended', 'of the tap', 'turn ended', 'of the close']);
  });

  it('shows an IPv4 miner of a listener for both families by its IPv4 address', async () => {
    fixture = await RelayFixture.start({ listeners: [plainListener({ host: '::' })] });
    const { tap } = await fixture.session();
    expect(tap.session.remoteAddress).toBe('127.0.0.1');
  });

  it('says who was identified', async () => {
    fixture = await RelayFixture.start();
    const identities: unknown[] = [];
    fixture.relay.events.on('identified', (session, identity) => identities.push([session.id, identity]));
    const { tap } = await fixture.session();
    tap.identify({ clientId: 'acme' });
    expect(identities).toEqual([[tap.session.id, { clientId: 'acme' }]]);
  });

  it('says how long the pool took to be reached', async () => {
    fixture = await RelayFixture.start();
    const latencies: number[] = [];
    fixture.relay.events.on('connected', (_session, latencyMs) => latencies.push(latencyMs));
    await fixture.session();
    expect(latencies).toEqual([expect.any(Number)]);
    expect(latencies[0]).toBeGreaterThan(0);
  });

  it('gives each session an id of its own and the address of its miner', async () => {
    fixture = await RelayFixture.start();
    const first = await fixture.session();
    const second = await fixture.session();
    expect(first.tap.session.id).not.toBe(second.tap.session.id);
    expect(first.tap.session).toMatchObject({
      listener: 'test',
      poolHost: `127.0.0.1:${fixture.pool.port}`,
      remoteAddress: '127.0.0.1',
      remotePort: first.miner.socket.localPort,
    });
    expect([...fixture.relay.openSessions]).toEqual([first.tap.session, second.tap.session]);
  });

  it('calls a pool down at the third refusal in a row', async () => {
    fixture = await RelayFixture.start({ pool: { port: await freePort() } });
    const downs: string[] = [];
    fixture.relay.events.on('poolDown', (pool) => downs.push(pool.poolHost));
    for (let dials = 1; dials <= 4; dials += 1) {
      await fixture.miner();
      await fixture.end(dials);
      expect(downs).toHaveLength(dials < 3 ? 0 : 1);
    }
    expect(fixture.relay.pools).toMatchObject([{ up: false, sessions: 0 }]);
  });
});
