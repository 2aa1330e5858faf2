import { TestSession, stratum, testMeters } from '../../testing';

describe('requests that nobody knows', () => {
  it('are counted by method, 50 of them and the rest together, and on their session', () => {
    const meters = testMeters();
    const session = new TestSession(meters).miner(stratum.subscribe());
    const ask = (method: string) => session.miner(stratum.line({ id: 9, method, params: [] }));
    ask('mining.steal');
    ask('mining.steal');
    ask('strange "method"');
    for (let index = 0; index < 60; index += 1) ask(`odd.m${index}`);

    const { unknownRequests } = meters.totals;
    expect(unknownRequests.get('mining.steal')).toBe(2);
    expect(unknownRequests.size).toBe(51);
    expect(unknownRequests.get('other')).toBe(12);
    expect(session.tap.unknownRequests).toBe(63);
  });

  it('are none of those that miners usually ask', () => {
    const meters = testMeters();
    const session = new TestSession(meters).miner(stratum.subscribe(), stratum.authorize(2, 'a.b'));
    session.miner(stratum.line({ id: 3, method: 'mining.extranonce.subscribe', params: [] }));
    expect([...meters.totals.unknownRequests]).toEqual([['other', 0]]);
  });
});
