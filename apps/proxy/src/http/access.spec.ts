import { hasToken, mayAdminister, type Caller } from './access';

const TOKEN = 'a-token-of-sixteen-or-more';

const caller = (remoteAddress: string, headers: Caller['headers'] = {}): Caller => ({
  remoteAddress,
  headers: { host: 'localhost:9090', ...headers },
});

describe('hasToken', () => {
  it.each([
    [`Bearer ${TOKEN}`, true],
    [`bearer   ${TOKEN} `, true],
    [`Bearer ${TOKEN}x`, false],
    [`Bearer ${TOKEN.slice(0, -1)}`, false],
    [`Bearer ${TOKEN.toUpperCase()}`, false],
    [`Basic ${TOKEN}`, false],
    [TOKEN, false],
    ['Bearer', false],
    ['Bearer ', false],
    ['', false],
    [undefined, false],
  ])('%j: %s', (authorization, expected) => {
    const headers = authorization === undefined ? {} : { authorization };
    expect(hasToken(caller('127.0.0.1', headers), TOKEN)).toBe(expected);
  });
});

describe('mayAdminister', () => {
  it('needs the token where one is set, from this machine too', () => {
    expect(mayAdminister(caller('127.0.0.1'), TOKEN)).toBe(false);
    expect(mayAdminister(caller('198.51.100.7', { authorization: `Bearer ${TOKEN}` }), TOKEN)).toBe(true);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['198.51.100.7', false],
    ['::ffff:198.51.100.7', false],
    ['10.0.0.1', false],
    ['2001:db8::1', false],
    ['', false],
  ])('without a token lets in %j: %s', (address, expected) => {
    expect(mayAdminister(caller(address), null)).toBe(expected);
    // Nothing that a stranger sends makes up for the address.
    const headers = { authorization: 'Bearer null' };
    expect(mayAdminister(caller(address, headers), null)).toBe(expected);
  });

  it.each([
    ['localhost', true],
    ['LOCALHOST:9090', true],
    ['127.0.0.1:9090', true],
    ['[::1]:9090', true],
    ['rebound.example.com', false],
    ['localhost.example.com', false],
    ['127.0.0.1.example.com', false],
    ['example.com#localhost', false],
    ['localhost@example.com', false],
    ['', false],
    [undefined, false],
  ])('without a token wants a local Host; %j: %s', (host, expected) => {
    expect(
      mayAdminister({ remoteAddress: '127.0.0.1', headers: host === undefined ? {} : { host } }, null),
    ).toBe(expected);
  });

  it.each([
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-forwarded-server',
    'x-real-ip',
    'cf-connecting-ip',
    'via',
  ])('without a token lets nobody in behind a proxy that tells of itself with %s', (header) => {
    expect(mayAdminister(caller('127.0.0.1', { [header]: '127.0.0.1' }), null)).toBe(false);
    expect(mayAdminister(caller('127.0.0.1', { [header]: '' }), null)).toBe(false);
  });
});
