import { TestSession, TestView, client, numbersOf, stratum, testMeters } from '../../testing';

const { authorize, granted, refused, submit } = stratum;

/** Meters whose inspection throws wherever it asks for the time after `poison()`. */
function poisonable() {
  let poisoned = false;
  const now = (): number => {
    if (poisoned) throw new Error('no time');
    return 0;
  };
  const clients = [client('site', { sourceCidrs: ['10.0.0.0/8'] })];
  return { meters: testMeters({ clients, inspectionOf: () => ({ now }) }), poison: () => (poisoned = true) };
}

describe('a session whose inspection fails', () => {
  it('still counts every byte for its client, and closes once', () => {
    const { meters, poison } = poisonable();
    const session = new TestSession(meters, new TestView({ remoteAddress: '10.0.0.1' }));
    session.miner(authorize(1, 'a.x'));
    poison();
    session.pool(granted(1)).miner(submit(2, 'a.x')).pool(granted(2));
    expect(session.faults).toHaveLength(1);

    session.close({ undeliveredToUpstream: 7 });
    expect(numbersOf(meters, 'site')).toMatchObject({
      activeConnections: 0,
      connections: 1,
      bytesSent: session.view.bytesToUpstream,
      bytesReceived: session.view.bytesToDownstream,
    });
    expect(meters.totals.undeliveredBytes.to_upstream).toBe(7);
    expect(meters.totals.sessionsByDialect.get('stratum1')).toBe(1);
  });

  it('counts its open shares as unanswered at once, the one that was being settled included', () => {
    const { meters, poison } = poisonable();
    const session = new TestSession(meters).miner(submit(1, 'a.x'), submit(2, 'a.x'), submit(3, 'a.x'));
    session.pool(refused(1));
    poison();
    session.pool(granted(2));

    expect(session.counts).toMatchObject({ submits: 3, accepted: 0, rejected: 1, unanswered: 2 });
    expect(numbersOf(meters, 'a')!.sharesInFlight).toBe(0);
    expect(meters.read().equationDifference).toBe(0);
    session.close();
    expect(session.counts).toMatchObject({ submits: 3, rejected: 1, unanswered: 2 });
    expect(meters.read().equationDifference).toBe(0);
  });

  it('is unassigned when it fails before anybody was found', () => {
    const { meters, poison } = poisonable();
    const session = new TestSession(meters);
    poison();
    session.miner(authorize(1, 'a.x'), submit(2, 'a.x'));
    session.close();
    expect(numbersOf(meters, 'unassigned')).toMatchObject({ connections: 1, activeConnections: 0 });
  });

  it('leaves the gauges exact when whoever hears of its client throws', () => {
    const meters = testMeters();
    const tap = meters.open(new TestView(), () => {
      throw new Error('not now');
    });
    const closing = () => tap.closed({ reason: { side: 'relay', code: 'DRAIN' }, ...NOTHING_UNDELIVERED });
    expect(closing).toThrow('not now');
    expect(numbersOf(meters, 'unassigned')).toMatchObject({ connections: 1, activeConnections: 0 });
  });
});

const NOTHING_UNDELIVERED = { durationMs: 0, undeliveredToUpstream: 0, undeliveredToDownstream: 0 };
