import { TestSession, TestView, client, numbersOf, stratum, testMeters } from '../../testing';

const { authorize, granted, submit } = stratum;

describe('meters without inspection', () => {
  const clients = [client('site', { sourceCidrs: ['10.0.0.0/8'] })];

  it('count bytes for the client that the source address names, and no shares', () => {
    const meters = testMeters({ clients, inspectionOf: () => null });
    const session = new TestSession(meters, new TestView({ remoteAddress: '10.0.0.1' }));
    session.miner(authorize(1, 'a.x'), submit(2, 'a.x')).pool(granted(1), granted(2));
    const { counts, bytesSent } = numbersOf(meters, 'site')!;
    expect(bytesSent).toBe(session.view.bytesToUpstream);
    expect(counts).toMatchObject({ submits: 0, accepted: 0 });
    expect(session.faults).toEqual([]);
  });

  it('show all bytes as unmeasured once the session is over', () => {
    const meters = testMeters({ clients, inspectionOf: () => null });
    const session = new TestSession(meters).miner(authorize(1, 'a.x'));
    session.close();
    expect(meters.read().unmeasuredBytes.get('none')).toBe(session.view.bytesToUpstream);
    expect(numbersOf(meters, 'unassigned')).toMatchObject({ connections: 1 });
  });
});
