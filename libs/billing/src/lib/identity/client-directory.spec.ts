import { client } from '../../testing';
import { ClientDirectory, UNASSIGNED } from './client-directory';

const login = (worker: string, sourceAddress = '198.51.100.7') => ({
  worker,
  account: worker.split('.')[0] ?? '',
  sourceAddress,
});

describe('ClientDirectory', () => {
  describe('by source address', () => {
    const directory = new ClientDirectory(
      [
        client('site', { sourceCidrs: ['10.1.0.0/16'] }),
        client('all-ten', { sourceCidrs: ['10.0.0.0/8'] }),
        client('six', { sourceCidrs: ['2001:db8::/32', 'fe80::/10', '203.0.113.9/32'] }),
      ],
      'account',
    );

    it.each([
      ['10.1.2.3', 'site'],
      ['10.2.2.3', 'all-ten'],
      ['::ffff:10.1.2.3', 'site'],
      ['::ffff:a02:203', 'all-ten'],
      ['2001:db8::7', 'six'],
      ['2001:DB8:0:0::7', 'six'],
      ['203.0.113.9', 'six'],
      ['203.0.113.10', undefined],
      ['2001:db9::7', undefined],
      ['', undefined],
    ])('%j is of %s', (address, expected) => {
      expect(directory.bySource(address)).toBe(expected);
    });
  });

  describe('by login', () => {
    const directory = new ClientDirectory(
      [
        client('vip', { workers: ['acme.vip*'] }),
        client('acme', { workers: ['acme', 'acme.*'] }),
        client('slash', { workers: ['pool/*'] }),
      ],
      'unassigned',
    );

    it('takes the first client of the file that has a pattern for the worker', () => {
      expect(directory.byLogin(login('acme.vip7'))).toBe('vip');
      expect(directory.byLogin(login('acme.rig'))).toBe('acme');
      expect(directory.byLogin(login('acme'))).toBe('acme');
      expect(directory.byLogin(login('pool/site/rig'))).toBe('slash');
    });

    it('lets no part of a worker name act as a pattern', () => {
      expect(directory.byLogin(login('*'))).toBe(UNASSIGNED);
      expect(directory.byLogin(login('acm?.rig'))).toBe(UNASSIGNED);
      expect(directory.byLogin(login('{acme,x}.rig'))).toBe(UNASSIGNED);
    });
  });

  describe('by fallback', () => {
    const by = (fallback: ConstructorParameters<typeof ClientDirectory>[1]) =>
      new ClientDirectory([], fallback);

    it('takes what the configuration says', () => {
      expect(by('account').byLogin(login('miner.rig'))).toBe('miner');
      expect(by('worker').byLogin(login('miner.rig'))).toBe('miner.rig');
      expect(by('source_ip').byLogin(login('miner.rig'))).toBe('198.51.100.7');
      expect(by('unassigned').byLogin(login('miner.rig'))).toBe(UNASSIGNED);
    });

    it('is never empty', () => {
      expect(by('account').byLogin(login('.rig'))).toBe(UNASSIGNED);
    });

    it('names an IPv4 source alike whether the listener has both families or one', () => {
      expect(by('source_ip').byLogin(login('a', '::ffff:198.51.100.7'))).toBe('198.51.100.7');
      expect(by('source_ip').byLogin(login('a', '2001:db8::7'))).toBe('2001:db8::7');
    });

    // Both are written out as U+FFFD: two series with the same labels, which Prometheus refuses.
    it('names two clients alike that would look alike when written out', () => {
      expect(by('account').byLogin(login('\ud800.a'))).toBe(by('account').byLogin(login('\udfff.b')));
    });

    it('has nothing in a name that a database refuses', () => {
      expect(by('account').byLogin(login('a\u0000b.rig'))).toBe('a\ufffdb');
    });
  });

  it('calls an account foreign only where the client has a list of its own', () => {
    const directory = new ClientDirectory([client('a', { accounts: ['x', 'y'] }), client('b')], 'account');
    expect(directory.isForeign('a', 'y')).toBe(false);
    expect(directory.isForeign('a', 'z')).toBe(true);
    expect(directory.isForeign('b', 'z')).toBe(false);
    expect(directory.isForeign('nobody', 'z')).toBe(false);
  });
});
