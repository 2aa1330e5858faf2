import { client } from '../../testing';
import { ClientDirectory, UNASSIGNED } from './client-directory';

const SOURCE = '198.51.100.7';
const SEPARATORS = './+#';

/** Who is billed for a session with this login. */
const billed = (directory: ClientDirectory, text: string, { rig = null, source = SOURCE }: From = {}) =>
  directory.byLogin(directory.read({ text, rig }), source);

interface From {
  readonly rig?: string | null;
  readonly source?: string;
}

describe('ClientDirectory', () => {
  describe('by source address', () => {
    const directory = new ClientDirectory(
      [
        client('site', { sourceCidrs: ['10.1.0.0/16'] }),
        client('all-ten', { sourceCidrs: ['10.0.0.0/8'] }),
        client('six', { sourceCidrs: ['2001:db8::/32', 'fe80::/10', '203.0.113.9/32'] }),
      ],
      'account',
      SEPARATORS,
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
      expect(directory.byConnection({ listener: 'any', remoteAddress: address })).toBe(expected);
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
      SEPARATORS,
    );

    it('takes the first client of the file that has a pattern for the worker', () => {
      expect(billed(directory, 'acme.vip7')).toBe('vip');
      expect(billed(directory, 'acme.rig')).toBe('acme');
      expect(billed(directory, 'acme')).toBe('acme');
      expect(billed(directory, 'pool/site/rig')).toBe('slash');
    });

    it('lets no part of a worker name act as a pattern', () => {
      expect(billed(directory, '*')).toBe(UNASSIGNED);
      expect(billed(directory, 'acm?.rig')).toBe(UNASSIGNED);
      expect(billed(directory, '{acme,x}.rig')).toBe(UNASSIGNED);
    });
  });

  describe('by fallback', () => {
    const by = (fallback: ConstructorParameters<typeof ClientDirectory>[1]) =>
      new ClientDirectory([], fallback, SEPARATORS);

    it('takes what the configuration says', () => {
      expect(billed(by('account'), 'miner.rig')).toBe('miner');
      expect(billed(by('worker'), 'miner.rig')).toBe('miner.rig');
      expect(billed(by('source_ip'), 'miner.rig')).toBe('198.51.100.7');
      expect(billed(by('unassigned'), 'miner.rig')).toBe(UNASSIGNED);
    });

    it('is never empty', () => {
      expect(billed(by('account'), '.rig')).toBe(UNASSIGNED);
    });

    it('names an IPv4 source alike whether the listener has both families or one', () => {
      expect(billed(by('source_ip'), 'a', { source: '::ffff:198.51.100.7' })).toBe('198.51.100.7');
      expect(billed(by('source_ip'), 'a', { source: '2001:db8::7' })).toBe('2001:db8::7');
    });

    // Both are written out as U+FFFD: two series with the same labels, which Prometheus refuses.
    it('names two clients alike that would look alike when written out', () => {
      expect(billed(by('account'), '\ud800.a')).toBe(billed(by('account'), '\udfff.b'));
    });

    it('has nothing in a name that a database refuses', () => {
      expect(billed(by('account'), 'a\u0000b.rig')).toBe('a\ufffdb');
    });
  });

  it('calls an account foreign only where the client has a list of its own', () => {
    const directory = new ClientDirectory(
      [client('a', { accounts: ['x', 'y'] }), client('b')],
      'account',
      SEPARATORS,
    );
    expect(directory.isForeign('a', directory.read({ text: 'y.rig', rig: null }))).toBe(false);
    expect(directory.isForeign('a', directory.read({ text: 'z.rig', rig: null }))).toBe(true);
    expect(directory.isForeign('b', directory.read({ text: 'z.rig', rig: null }))).toBe(false);
    expect(directory.isForeign('nobody', directory.read({ text: 'z.rig', rig: null }))).toBe(false);
  });

  describe('of logins as the field has them', () => {
    const byAccount = (...clients: Parameters<typeof client>[]) =>
      new ClientDirectory(
        clients.map((one) => client(...one)),
        'account',
        SEPARATORS,
      );

    it('tells two e-mail addresses apart that begin alike', () => {
      const directory = byAccount();
      expect(billed(directory, 'farm.north@example.org/rig1')).toBe('farm.north@example.org');
      expect(billed(directory, 'farm.south@example.net/rig9')).toBe('farm.south@example.net');
    });

    it.each([
      ['0xWALLET/rig1', '0xWALLET/rig2'],
      ['0xAbCd.r1', '0xabcd.r2'],
      ['wallet+5000.rig', 'wallet.rig'],
    ])('takes %s and %s for one client', (one, other) => {
      const directory = byAccount();
      expect(billed(directory, one)).toBe(billed(directory, other));
    });

    it('matches patterns with the login as it came, with its rig, and without what may be a secret', () => {
      const directory = byAccount(
        ['slash', { workers: ['wallet.rig/*'] }],
        ['rig', { workers: ['foo.eth7'] }],
        ['plain', { workers: ['nano.rig'] }],
        ['address', { workers: ['0xABCD*'] }],
      );
      expect(billed(directory, 'wallet.rig/x@example.org')).toBe('slash');
      expect(billed(directory, 'foo', { rig: 'eth7' })).toBe('rig');
      expect(billed(directory, 'nano.rig/SECRETword')).toBe('plain');
      expect(billed(directory, '0xabcd99.r')).toBe('address');
    });

    it('finds no foreign account in a login that a pattern of the accounts has', () => {
      const directory = byAccount(['cfg', { workers: ['0xCFG*'], accounts: ['0xCFG', 'sub-*', '0xABCD'] }]);
      const foreign = (text: string) => directory.isForeign('cfg', directory.read({ text, rig: null }));
      expect(['0xCFG+5000.rig', 'sub-7.rig', '0xabcd/rig', '0xCFG'].map(foreign)).toEqual([
        false,
        false,
        false,
        false,
      ]);
      expect(foreign('0xOTHER.rig')).toBe(true);
    });
  });

  describe('of names that an operator has', () => {
    const directory = new ClientDirectory([client('acme', { workers: ['acmeco.*'] })], 'account', SEPARATORS);

    it.each(['acme', 'unassigned', 'overflow', 'login:acme', 'login:x'])(
      'books a login that calls itself %s apart from them',
      (name) => {
        expect(billed(directory, `${name}.rig1`)).toBe(`login:${name}`);
      },
    );

    it('books the client itself under its own', () => {
      expect(billed(directory, 'acmeco.rig1')).toBe('acme');
      expect(billed(directory, 'someone.rig1')).toBe('someone');
    });
  });

  describe('of shares', () => {
    const directory = new ClientDirectory(
      [client('a', { workers: ['a.*', '*.shared'] }), client('b', { workers: ['b.*', '*.shared'] })],
      'account',
      SEPARATORS,
    );
    const ofShare = (text: string, clientId?: string) =>
      directory.byShare(directory.read({ text, rig: null }), clientId);

    it('asks again for a session of another client', () => {
      const known = directory.read({ text: 'b.rig', rig: null });
      expect([undefined, 'a', 'b', 'a'].map((clientId) => directory.byShare(known, clientId))).toEqual([
        'b',
        'b',
        'b',
        'b',
      ]);
      const shared = directory.read({ text: 'x.shared', rig: null });
      expect([undefined, 'b', 'a', undefined].map((clientId) => directory.byShare(shared, clientId))).toEqual(
        ['a', 'b', 'a', 'a'],
      );
    });

    it('gives a share to another client only where that one’s workers and not the session’s have it', () => {
      expect(ofShare('b.rig', 'a')).toBe('b');
      expect(ofShare('a.rig', 'a')).toBe('a');
      expect(ofShare('x.shared', 'b')).toBe('b');
      expect(ofShare('stranger.rig', 'a')).toBe('a');
      expect(ofShare('b.rig', UNASSIGNED)).toBe('b');
      expect(ofShare('stranger.rig')).toBeUndefined();
    });
  });

  it('asks the accounts of a client once for each login, and again for another client', () => {
    const directory = new ClientDirectory(
      [client('x', { accounts: ['x*'] }), client('y', { accounts: ['y*'] })],
      'account',
      SEPARATORS,
    );
    const known = directory.read({ text: 'x.rig', rig: null });
    expect(['x', 'y', 'x'].map((clientId) => directory.isForeign(clientId, known))).toEqual([
      false,
      true,
      false,
    ]);
    const found = known.foreign;
    expect(found).toEqual({ clientId: 'x', found: false });
    directory.isForeign('x', known);
    expect(known.foreign).toBe(found);
  });
});
