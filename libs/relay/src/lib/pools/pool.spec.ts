import { plainPool } from '../../testing';
import { Pool, type PoolOptions } from './pool';

describe('Pool', () => {
  const changes: string[] = [];
  const pool = (more: Partial<PoolOptions> = {}) =>
    new Pool(plainPool({ port: 3333, host: 'pool.example.com', ...more }), ({ up }, why) =>
      changes.push(`${up ? 'up' : 'down'}: ${why}`),
    );
  beforeEach(() => changes.splice(0));

  it('counts tries that failed by the very same error once, in each pool', () => {
    const [one, other] = [pool(), pool()];
    const lost = new Error('getaddrinfo EAI_AGAIN');
    for (let i = 0; i < 5; i += 1) one.failed('no', lost);
    expect([one.up, one.inDoubt, other.inDoubt]).toEqual([true, true, false]);
    other.failed('no', lost);
    expect(other.inDoubt).toBe(true);
    for (let i = 0; i < 2; i += 1) one.failed('no', new Error('getaddrinfo EAI_AGAIN'));
    expect(one.up).toBe(false);
  });

  it('is called by its host and port, an IPv6 address in brackets', () => {
    expect(pool().poolHost).toBe('pool.example.com:3333');
    expect(pool({ host: '2001:db8::1' }).poolHost).toBe('[2001:db8::1]:3333');
  });

  it('is down from the third failure in a row, and says so and why at that one only', () => {
    const subject = pool();
    for (const why of ['a', 'b', 'c', 'd']) subject.failed(why);
    expect(changes).toEqual(['down: c']);
    expect(subject).toMatchObject({ state: 'down', usable: false, reason: 'c' });
  });

  it('is up again after two successes in a row, and says so at that one only', () => {
    const subject = pool();
    for (let i = 0; i < 5; i += 1) subject.failed('no');
    subject.worked(1);
    expect(subject.state).toBe('down');
    subject.worked(2);
    subject.worked(3);
    expect(changes.slice(1)).toEqual(['up: it answers again']);
    expect(subject.usable).toBe(true);
  });

  it('starts to count anew after a success, and when it is down after a failure', () => {
    const subject = pool();
    for (const try_ of ['-', '-', '+', '-', '-'])
      if (try_ === '+') subject.worked(1);
      else subject.failed('no');
    expect(subject).toMatchObject({ up: true, inDoubt: true });
    subject.failed('no');
    for (const try_ of ['+', '-', '+'])
      if (try_ === '+') subject.worked(1);
      else subject.failed('no');
    expect(subject.up).toBe(false);
  });

  it('is proven by a connection only where no more is asked of it', () => {
    const health = { ...plainPool({ port: 1 }).health, kind: 'stratum' as const };
    const subject = pool({ health });
    for (const fails of [true, false, true, false, true]) {
      if (fails) subject.failed('it sent no job');
      else subject.connected(1);
    }
    expect(subject.up).toBe(false);
    for (let i = 0; i < 5; i += 1) subject.connected(2);
    expect(subject.up).toBe(false);

    const plain = pool();
    for (const fails of [true, true, false, true, true]) {
      if (fails) plain.failed('no');
      else plain.connected(1);
    }
    expect(plain.up).toBe(true);
  });

  it('is out of use while it is drained by hand, whatever its health', () => {
    const subject = pool();
    expect(subject.setDrained(true)).toBe(true);
    expect(subject.setDrained(true)).toBe(false);
    expect(subject).toMatchObject({ state: 'drained', up: true, usable: false });
    for (let i = 0; i < 3; i += 1) subject.failed('no');
    subject.setDrained(false);
    expect(subject).toMatchObject({ state: 'down', usable: false });
  });

  it('begins out of use where it is not enabled', () => {
    expect(pool({ enabled: false })).toMatchObject({ state: 'drained', reason: 'not enabled' });
  });

  it('tries addresses in the order in which they come, those that failed last, the latest at the end', () => {
    const subject = pool();
    subject.addressFailed('b', 2);
    subject.addressFailed('a', 3);
    expect(subject.inOrder(['a', 'b', 'c'])).toEqual(['c', 'b', 'a']);
    subject.addressWorked('b');
    expect(subject.inOrder(['a', 'b', 'c'])).toEqual(['b', 'c', 'a']);
  });
});
