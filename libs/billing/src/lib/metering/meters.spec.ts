import { POOL, TestSession, TestView, client, numbersOf, stratum, sum, testMeters } from '../../testing';
import { OVERFLOW, UNASSIGNED } from '../identity/client-directory';
import type { Meters } from './meters';

const { authorize, granted, submit, subscribe } = stratum;

const active = (meters: Meters, clientId: string) => numbersOf(meters, clientId)?.activeConnections;

describe('Meters', () => {
  it('have every configured client at every pool at 0 from the start', () => {
    const meters = testMeters({ clients: [client('a'), client('b')], poolHosts: ['p1:1', 'p2:2'] });
    const zero = { activeConnections: 0, connections: 0, bytesSent: 0, bytesReceived: 0, sharesInFlight: 0 };
    expect(meters.read().clients).toHaveLength(6);
    for (const clientId of ['a', 'b', UNASSIGNED]) {
      for (const poolHost of ['p1:1', 'p2:2']) {
        expect(numbersOf(meters, clientId, poolHost)).toMatchObject({ ...zero, counts: { submits: 0 } });
      }
    }
  });

  it('show a session under unassigned until it is identified, then under its client, and never twice', () => {
    const meters = testMeters();
    const session = new TestSession(meters).miner(subscribe());
    expect([active(meters, UNASSIGNED), active(meters, 'acme')]).toEqual([1, undefined]);

    session.miner(authorize(2, 'acme.rig')).pool(granted(2));
    expect([active(meters, UNASSIGNED), active(meters, 'acme')]).toEqual([0, 1]);
    session.miner(authorize(3, 'other.rig')).pool(granted(3));
    expect([active(meters, UNASSIGNED), active(meters, 'acme')]).toEqual([0, 1]);

    session.close();
    expect([active(meters, UNASSIGNED), active(meters, 'acme')]).toEqual([0, 0]);
    expect(sum(meters, (n) => n.connections)).toBe(1);
  });

  it('show a waiting session also at a pool that was not known beforehand', () => {
    const meters = testMeters();
    new TestSession(meters, new TestView({ poolHost: 'late:1' }));
    expect(numbersOf(meters, UNASSIGNED, 'late:1')?.activeConnections).toBe(1);
  });

  it('give all that a session counted to its client at identification, exactly once', () => {
    const meters = testMeters();
    const session = new TestSession(meters)
      .miner(subscribe(), authorize(2, 'acme.rig'))
      .pool('{"id":null}\n');
    const before = session.view.bytesToUpstream;
    expect(sum(meters, (n) => n.bytesSent)).toBe(0);

    session.miner(submit(3, 'acme.rig'));
    const { bytesToUpstream, bytesToDownstream } = session.view;
    expect(bytesToUpstream).toBeGreaterThan(before);
    const expected = { bytesSent: bytesToUpstream, bytesReceived: bytesToDownstream, sharesInFlight: 1 };
    expect(numbersOf(meters, 'acme')).toMatchObject({ ...expected, counts: { submits: 1 } });

    session.close();
    const settled = { ...expected, sharesInFlight: 0, counts: { submits: 1, unanswered: 1 } };
    expect(numbersOf(meters, 'acme')).toMatchObject(settled);
    expect(sum(meters, (n) => n.bytesSent)).toBe(bytesToUpstream);
  });

  it('give the numbers of a session that nobody was found for to unassigned when it closes', () => {
    const meters = testMeters();
    const session = new TestSession(meters).miner(subscribe());
    session.close();
    expect(numbersOf(meters, UNASSIGNED)).toMatchObject({
      activeConnections: 0,
      connections: 1,
      bytesSent: session.view.bytesToUpstream,
    });
  });

  it('give each client at most its own label, and the ones beyond the cap share overflow', () => {
    const meters = testMeters({ clients: [client('vip', { workers: ['vip.*'] })], maxClients: 2 });
    const sessions = ['a.1', 'b.1', 'c.1', 'd.1', 'vip.1', 'a.2'].map((worker) =>
      new TestSession(meters).miner(submit(1, worker)),
    );
    const labels = meters.read().clients.map(({ clientId }) => clientId);
    expect(labels).toEqual(['vip', UNASSIGNED, 'a', 'b', OVERFLOW]);
    expect([active(meters, 'a'), active(meters, 'vip'), active(meters, OVERFLOW)]).toEqual([2, 1, 2]);
    // Who is billed is not cut: only the label is shared.
    expect(sessions.map(({ clientId }) => clientId)).toEqual(['a', 'b', 'c', 'd', 'vip', 'a']);

    sessions[2]!.close();
    expect(active(meters, OVERFLOW)).toBe(1);
    for (const session of sessions.filter((_, index) => index !== 2)) session.close();
    expect(numbersOf(meters, OVERFLOW)).toMatchObject({ activeConnections: 0, connections: 2 });
    expect(numbersOf(meters, OVERFLOW)!.counts).toMatchObject({ submits: 2, unanswered: 2 });
  });

  it('let an account that calls itself overflow or unassigned take no label from others', () => {
    const meters = testMeters({ maxClients: 3 });
    for (const worker of ['overflow.x', 'unassigned.x', 'real.x']) {
      new TestSession(meters).miner(submit(1, worker));
    }
    expect(active(meters, 'real')).toBe(1);
    expect(active(meters, 'login:overflow')).toBe(1);
    expect(active(meters, 'login:unassigned')).toBe(1);
    expect(active(meters, UNASSIGNED)).toBe(0);
  });

  it('count a session once by what it spoke, at its close or a minute after accept', () => {
    jest.useFakeTimers();
    const meters = testMeters();
    meters.start();
    const old = new TestSession(meters).miner(subscribe());
    old.view.durationMs = 60_000;
    jest.advanceTimersByTime(1_000);
    old.close();
    new TestSession(meters).close();
    expect([...meters.totals.sessionsByDialect]).toEqual([
      ['stratum1', 1],
      ['none', 1],
    ]);
    meters.stop();
    jest.useRealTimers();
  });

  it('count bytes as unmeasured once it is settled what they are, and never less of them later', () => {
    const meters = testMeters();
    const opaque = () => meters.read().unmeasuredBytes.get('opaque') ?? 0;
    // 64 bytes may be the beginning of an encrypted Stratum V2: the pool's answer tells.
    const session = new TestSession(meters).miner(Uint8Array.from({ length: 64 }, (_, i) => 200 - i));
    expect(opaque()).toBe(0);

    session.pool(new Uint8Array(170));
    expect(session.tap.dialect).toBe('stratum2');
    session.close();
    expect([...meters.read().unmeasuredBytes]).toEqual([['stratum2', 234]]);
  });

  it('keep the clients of two pools apart', () => {
    const meters = testMeters({ poolHosts: [POOL, 'two:1'] });
    new TestSession(meters).miner(submit(1, 'a.x'));
    new TestSession(meters, new TestView({ poolHost: 'two:1' })).miner(submit(1, 'a.x'), submit(2, 'a.x'));
    expect(numbersOf(meters, 'a')!.counts.submits).toBe(1);
    expect(numbersOf(meters, 'a', 'two:1')!.counts.submits).toBe(2);
  });
});
