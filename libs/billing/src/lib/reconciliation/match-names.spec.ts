import { EVERYBODY, matchNames } from './match-names';

const SEPARATORS = './+#';
const LEDGER = ['acme.rig1', 'acme.rig2', 'bolt.rig2', 'bolt.Rig3', 'me@example.com/rig9', '0xab/rack.1'];

describe('matchNames', () => {
  const workers = matchNames(LEDGER, { level: 'worker', separators: SEPARATORS });

  it.each([
    ['acme.rig1', 'acme.rig1'],
    ['ACME.RIG1', 'acme.rig1'],
    ['acme/rig1', 'acme.rig1'],
    ['rig1', 'acme.rig1'],
    ['rig3', 'bolt.Rig3'],
    ['me@example.com+rig9', 'me@example.com/rig9'],
    ['rig9', 'me@example.com/rig9'],
    ['0xAB.rack.1', '0xab/rack.1'],
    ['rack.1', '0xab/rack.1'],
    ['rig2', undefined],
    ['zeta.rig1', undefined],
    ['', undefined],
    ['__proto__', undefined],
  ])('takes %j of a file for the worker %j', (name, worker) => {
    expect(workers.matchOf(name)).toBe(worker);
  });

  it('says which workers a name could be that two have', () => {
    expect(workers.candidatesFor('rig2')).toEqual(['acme.rig2', 'bolt.rig2']);
  });

  it('tells them apart by their account, and leaves out those of others', () => {
    const acme = matchNames(LEDGER, { level: 'worker', separators: SEPARATORS, account: 'Acme' });
    expect(acme.matchOf('rig2')).toBe('acme.rig2');
    expect(acme.ledgerName('bolt.rig2')).toBeUndefined();
    expect(acme.matchOf('bolt.rig2')).toBeUndefined();
  });

  it('keeps two workers apart whose names differ in capitals alone', () => {
    const two = matchNames(['a.x', 'A.X'], { level: 'worker', separators: SEPARATORS });
    expect([two.matchOf('a.x'), two.matchOf('A.X'), two.matchOf('a.X')]).toEqual(['a.x', 'A.X', undefined]);
  });

  it('adds the workers of an account up where a file has accounts, and all where it names nobody', () => {
    const accounts = matchNames(LEDGER, { level: 'account', separators: SEPARATORS });
    expect(accounts.ledgerName('acme.rig2')).toBe('acme');
    expect(accounts.matchOf('ACME')).toBe('acme');
    expect(accounts.matchOf('rig1')).toBeUndefined();
    const all = matchNames(LEDGER, { level: 'all', separators: SEPARATORS });
    expect([all.ledgerName('acme.rig2'), all.matchOf('')]).toEqual([EVERYBODY, EVERYBODY]);
  });
});
