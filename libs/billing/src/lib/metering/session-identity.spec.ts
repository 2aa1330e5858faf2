import { TestSession, TestView, client, numbersOf, stratum, testMeters } from '../../testing';
import { UNASSIGNED } from '../identity/client-directory';

const { authorize, granted, line, refused, submit, subscribe } = stratum;

describe('who a session is billed to', () => {
  const clients = [
    client('site', { sourceCidrs: ['10.0.0.0/8'], workers: ['never.*'] }),
    client('acme', { workers: ['acme.*'], accounts: ['acme'] }),
  ];

  it('is the client of the source address, before a byte has passed and whatever the login says', () => {
    const session = new TestSession(
      testMeters({ clients }),
      new TestView({ remoteAddress: '::ffff:10.0.0.1' }),
    );
    expect(session.clientId).toBe('site');

    session.miner(authorize(1, 'acme.rig')).pool(granted(1)).close();
    expect(session.identities).toEqual([{ clientId: 'site' }]);
  });

  it('is the client whose pattern has the worker of the first login that the pool grants', () => {
    const session = new TestSession(testMeters({ clients })).miner(subscribe(), authorize(2, 'acme.rig'));
    expect(session.clientId).toBeUndefined();

    session.pool(granted(2));
    expect(session.identities).toEqual([{ clientId: 'acme', worker: 'acme.rig' }]);
  });

  it('is what the fallback says of a worker that no client has', () => {
    const session = new TestSession(testMeters({ clients })).miner(authorize(1, 'solo.rig')).pool(granted(1));
    expect(session.identities).toEqual([{ clientId: 'solo', worker: 'solo.rig' }]);
  });

  it('is nobody for a login that the pool refuses, nor for a submit in its name', () => {
    const session = new TestSession(testMeters({ clients })).miner(authorize(1, 'acme.rig'));
    session.pool(line({ id: 1, result: false, error: null })).miner(submit(2, 'acme.rig'));
    expect(session.clientId).toBeUndefined();

    session.miner(authorize(3, 'solo.rig')).pool(granted(3));
    expect(session.clientId).toBe('solo');
  });

  it('is found when a refused worker is let in after all', () => {
    const session = new TestSession(testMeters({ clients })).miner(authorize(1, 'acme.rig'));
    session
      .pool(refused(1, 24, 'Unauthorized worker'))
      .miner(authorize(2, 'acme.rig'))
      .pool(granted(2));
    expect(session.clientId).toBe('acme');
  });

  it('is found by the first submit where the pool does not answer the login', () => {
    const session = new TestSession(testMeters({ clients })).miner(authorize(1, 'acme.rig'));
    expect(session.clientId).toBeUndefined();

    session.miner(submit(2, 'acme.rig'));
    expect(session.identities).toEqual([{ clientId: 'acme', worker: 'acme.rig' }]);
  });

  it('is found by the first submit without any login', () => {
    const session = new TestSession(testMeters({ clients })).miner(subscribe(), submit(2, 'acme.rig'));
    expect(session.clientId).toBe('acme');
  });

  it('never changes, whoever logs in or submits later', () => {
    const meters = testMeters({ clients });
    const session = new TestSession(meters).miner(authorize(1, 'solo.rig')).pool(granted(1));
    session.miner(authorize(2, 'acme.rig')).pool(granted(2)).miner(submit(3, 'other.rig')).pool(granted(3));
    session.close();

    expect(session.identities).toEqual([{ clientId: 'solo', worker: 'solo.rig' }]);
    expect(numbersOf(meters, 'solo')).toMatchObject({ connections: 1, counts: { accepted: 1 } });
    expect(numbersOf(meters, 'acme')).toMatchObject({ connections: 0, counts: { submits: 0 } });
  });

  it('is found the same when every byte comes alone', () => {
    const bytes = (text: string) => [...Buffer.from(text)].map((byte) => Uint8Array.of(byte));
    const session = new TestSession(testMeters({ fallback: 'worker' }));
    session.miner(...bytes(authorize(1, 'größe.⛏️'))).pool(...bytes(granted(1)));
    expect(session.clientId).toBe('größe.⛏️');
  });

  it('stays open for a login without a name', () => {
    const session = new TestSession(testMeters({ clients })).miner(authorize(1, '')).pool(granted(1));
    expect(session.clientId).toBeUndefined();
  });

  it.each([
    ['TLS', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), 'tls'],
    ['HTTP', 'POST / HTTP/1.1\r\nhost: pool\r\n\r\n', 'http'],
    ['bytes that nobody knows', Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), 'opaque'],
  ])('is nobody at once for %s', (_, first, dialect) => {
    const session = new TestSession(testMeters({ clients })).miner(first);
    expect(session.tap.dialect).toBe(dialect);
    expect(session.identities).toEqual([{ clientId: UNASSIGNED }]);
  });

  it('stays the client of the source address for a stream in which nothing can be seen', () => {
    const session = new TestSession(testMeters({ clients }), new TestView({ remoteAddress: '10.0.0.1' }));
    session.miner(Uint8Array.of(0x16, 3, 1, 2, 0, 1)).close();
    expect(session.identities).toEqual([{ clientId: 'site' }]);
  });

  it('is nobody for a session that closes before anybody was found', () => {
    const session = new TestSession(testMeters({ clients })).miner(subscribe());
    session.close();
    expect(session.identities).toEqual([{ clientId: UNASSIGNED }]);
  });

  it('is nobody for a worker that was refused as one of many', () => {
    const session = new TestSession(testMeters({ clients }));
    for (let id = 1; id <= 150; id += 1) session.miner(authorize(id, `w${id}`)).pool(refused(id, 24, 'no'));
    session.miner(submit(1_000, 'w1'));
    expect(session.clientId).toBeUndefined();
  });

  describe('a minute after accept', () => {
    beforeEach(() => jest.useFakeTimers());
    afterEach(() => jest.useRealTimers());

    it('is nobody for good, and not a moment earlier', () => {
      const meters = testMeters({ clients });
      meters.start();
      const session = new TestSession(meters).miner(subscribe());
      session.view.durationMs = 59_999;
      jest.advanceTimersByTime(1_000);
      expect(session.clientId).toBeUndefined();

      session.view.durationMs = 60_000;
      jest.advanceTimersByTime(1_000);
      expect(session.clientId).toBe(UNASSIGNED);

      session.miner(authorize(2, 'acme.rig')).pool(granted(2));
      expect(session.identities).toEqual([{ clientId: UNASSIGNED }]);
      meters.stop();
      expect(jest.getTimerCount()).toBe(0);
    });

    it('is left as it was for the sessions that were found', () => {
      const meters = testMeters({ clients });
      meters.start();
      const old = new TestSession(meters).miner(submit(1, 'acme.rig'));
      const young = new TestSession(meters);
      old.view.durationMs = 60_000;
      jest.advanceTimersByTime(1_000);
      expect([old.clientId, young.clientId]).toEqual(['acme', undefined]);
      meters.stop();
    });
  });
});

describe('foreign accounts', () => {
  const clients = [
    client('acme', { workers: ['acme.*', 'hijacked.*'], accounts: ['acme'] }),
    client('free', { workers: ['free.*'] }),
    client('site', { sourceCidrs: ['10.0.0.0/8'], accounts: ['site'] }),
  ];

  it('exist at 0 for configured clients, so that the first one is an increase', () => {
    expect(testMeters({ clients }).totals.foreignAccounts.get('acme')).toBe(0);
  });

  it('are counted at a login that came before the client was known', () => {
    const meters = testMeters({ clients });
    new TestSession(meters).miner(authorize(1, 'thief.x'), authorize(2, 'acme.rig')).pool(granted(2));
    expect(meters.totals.foreignAccounts.get('acme')).toBe(1);
  });

  it('are counted once for the login that identifies', () => {
    const meters = testMeters({ clients });
    new TestSession(meters).miner(authorize(1, 'hijacked.rig')).pool(granted(1));
    expect(meters.totals.foreignAccounts.get('acme')).toBe(1);
  });

  it('are counted at each login and each submit after it', () => {
    const meters = testMeters({ clients });
    const session = new TestSession(meters, new TestView({ remoteAddress: '10.0.0.1' }));
    session.miner(authorize(1, 'site.a'), submit(2, 'site.a')).pool(granted(1), granted(2));
    expect(meters.totals.foreignAccounts.get('site')).toBe(0);

    session.miner(authorize(3, 'thief.a'), submit(4, 'thief.a'), submit(5, 'site.a'));
    expect(meters.totals.foreignAccounts.get('site')).toBe(2);
  });

  it('are nobody else’s, and none where the client has no list', () => {
    const meters = testMeters({ clients });
    new TestSession(meters).miner(authorize(1, 'free.a'), submit(2, 'any.b')).pool(granted(1));
    new TestSession(meters).miner(authorize(1, 'stranger.a')).pool(granted(1));
    expect([...meters.totals.foreignAccounts.values()]).toEqual([0, 0, 0]);
  });
});
