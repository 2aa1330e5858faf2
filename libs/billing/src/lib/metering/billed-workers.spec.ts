import type { Fact } from '../journal/records/record';
import { TestSession, TestView, client, stratum, testMeters } from '../../testing';
import type { Meters, MetersOptions } from './meters';

const { authorize, granted, submit } = stratum;

describe('the workers of one client', () => {
  let facts: Fact[];
  const metersWith = (options: Partial<Pick<MetersOptions, 'maxClients'>> = {}) =>
    testMeters({ ...options, facts: { append: (fact) => facts.push(fact), flush: () => undefined } });

  beforeEach(() => (facts = []));

  /** Workers of all facts of the kinds, in order. */
  const workersOf = (...kinds: readonly Fact['kind'][]) =>
    facts.flatMap((fact) => (kinds.includes(fact.kind) && 'worker' in fact ? [fact.worker] : []));

  /** Logs in as `<account>.first`, then submits as `<account>.2` and so on: 10,000 names in all. */
  function fill(meters: Meters, account: string): TestSession {
    const session = new TestSession(meters).miner(authorize(1, `${account}.first`)).pool(granted(1));
    for (let number = 2; number <= 10_000; number += 1) {
      session.miner(submit(number, `${account}.${number}`)).pool(granted(number));
    }
    return session;
  }

  it('are billed under their own names up to 10,000, and as overflow beyond', () => {
    const session = fill(metersWith(), 'a');
    for (const number of [10_001, 10_002, 2]) {
      session.miner(submit(number, `a.${number}`)).pool(granted(number));
    }
    const workers = workersOf('share');
    expect(workers.slice(0, 2)).toEqual(['a.2', 'a.3']);
    expect(workers.slice(9_998)).toEqual(['a.10000', 'overflow', 'overflow', 'a.2']);
  });

  it('have bytes and time under the same name as their shares', () => {
    const meters = metersWith();
    fill(meters, 'a');
    facts = [];
    for (const worker of ['a.beyond', 'a.7']) {
      const session = new TestSession(meters).miner(authorize(1, worker)).pool(granted(1));
      session.miner(submit(2, worker)).pool(granted(2));
      session.tap.progressed();
      session.close();
    }
    expect(workersOf('client', 'share', 'usage', 'close')).toEqual([
      ...Array<string>(4).fill('overflow'),
      ...Array<string>(4).fill('a.7'),
    ]);
  });

  it('are not counted together with those of others that share a label in metrics', () => {
    const meters = metersWith({ maxClients: 0 });
    fill(meters, 'a');
    facts = [];
    new TestSession(meters).miner(authorize(1, 'b.rig'), submit(2, 'b.rig')).pool(granted(1), granted(2));
    expect(workersOf('client', 'share')).toEqual(['b.rig', 'b.rig']);
  });

  it('are limited over all pools together', () => {
    const meters = testMeters({
      clients: [client('c', { workers: ['c.*'] })],
      facts: { append: (fact) => facts.push(fact), flush: () => undefined },
    });
    fill(meters, 'c');
    facts = [];
    const elsewhere = new TestSession(meters, new TestView({ poolHost: 'two:1' }));
    elsewhere.miner(authorize(1, 'c.more')).pool(granted(1));
    expect(workersOf('client')).toEqual(['overflow']);
  });
});
