import type { Fact } from '../journal/records/record';
import { TestSession, stratum, testMeters } from '../../testing';

const { authorize, granted, refused, submit, subscribe } = stratum;

describe('what stands behind the rig of a login', () => {
  const facts: Fact[] = [];
  const meters = testMeters({
    fallback: 'worker',
    facts: { append: (fact) => facts.push(fact), flush: () => undefined },
  });
  const session = new TestSession(meters).miner(
    subscribe(),
    authorize(2, 'wallet.refused/SECRETword'),
    authorize(3, '0xNANO.rig/SECRETword'),
  );
  session
    .pool(refused(2, 24, 'no'), granted(3))
    .miner(submit(4, '0xNANO.rig/SECRETword'))
    .pool(granted(4));

  it('is in no list of workers, no identity and no record', () => {
    expect(session.tap.workers).toEqual(['wallet.refused', '0xNANO.rig']);
    expect(session.identities).toEqual([{ clientId: '0xNANO.rig', worker: '0xNANO.rig' }]);
    session.close();
    expect(facts.length).toBeGreaterThan(3);
    expect(JSON.stringify(facts)).not.toContain('SECRET');
  });
});
