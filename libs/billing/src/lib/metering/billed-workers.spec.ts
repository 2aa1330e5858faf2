import type { Fact } from '../journal/record';
import { TestSession, stratum, testMeters } from '../../testing';

const { authorize, granted, submit } = stratum;

describe('the workers of one client', () => {
  it('are billed under their own names up to 10,000, and as overflow beyond', () => {
    const facts: Fact[] = [];
    const meters = testMeters({ facts: { append: (fact) => facts.push(fact) } });
    const session = new TestSession(meters).miner(authorize(1, 'a.first')).pool(granted(1));
    for (let number = 2; number <= 10_003; number += 1) {
      session.miner(submit(number, `a.${number}`)).pool(granted(number));
    }
    const workers = facts.flatMap((fact) => (fact.kind === 'share' ? [fact.worker] : []));
    expect(workers.slice(0, 2)).toEqual(['a.2', 'a.3']);
    expect(workers[9_999]).toBe('a.10001');
    expect(workers.slice(10_000)).toEqual(['overflow', 'overflow']);
  });
});
