import { nearestKey } from './nearest-key';

const KEYS = ['bind_port', 'bind_address', 'pool_port', 'max_connections'];

describe('nearestKey', () => {
  it.each([
    ['max_conections', 'max_connections'],
    ['max_connection', 'max_connections'],
    ['bindPort', 'bind_port'],
    ['BIND-PORT', 'bind_port'],
    ['bind_adress', 'bind_address'],
    ['poolport', 'pool_port'],
  ])('takes %s for %s', (typed, meant) => {
    expect(nearestKey(typed, KEYS)).toBe(meant);
  });

  it.each(['', 'tls', 'user', 'x'.repeat(10_000)])('does not guess for %.10s', (typed) => {
    expect(nearestKey(typed, KEYS)).toBeUndefined();
  });
});
