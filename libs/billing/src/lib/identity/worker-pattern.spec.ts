import * as fc from 'fast-check';
import { workerPattern } from './worker-pattern';

describe('workerPattern', () => {
  it.each([
    ['acme.*', 'acme.rig1', true],
    ['acme.*', 'acme.', true],
    ['acme.*', 'acme', false],
    ['acme.*', 'xacme.rig1', false],
    ['acme.*', 'ACME.rig1', false],
    ['acme.*', 'acme.a.b', true],
    ['acme.*', 'acme..', true],
    ['acme.*', 'acme./x/', true],
    ['acme.*', 'acme.a\nb', true],
    ['acme.*', 'acme.строй-⛏️', true],
    ['acme.*', './acme.rig', false],
    ['acme*', 'acme', true],
    ['*.rig1', 'a/b.c.rig1', true],
    ['*.rig1', 'a.rig1.rig2', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-b-c-b', false],
    ['*', '', true],
    ['*', '..', true],
    ['*', '.a/./b', true],
    ['**', 'a/b', true],
    ['rig?', 'rig1', true],
    ['rig?', 'rig', false],
    ['rig?', 'rig12', false],
    ['rig?', 'rig⛏', true],
    ['rig?', 'rig😀', true],
    ['rig?', 'rig/', true],
    ['', '', true],
    ['', 'a', false],
  ])('%j and %j: %s', (pattern, worker, expected) => {
    expect(workerPattern(pattern)(worker)).toBe(expected);
  });

  it.each([
    '[acme].x',
    '(acme).x',
    '{a,b}.x',
    '!acme.x',
    'a|b',
    'a+b',
    '$x',
    '^x',
    'a\\b',
    '@(a)',
    './x',
    '#x',
  ])('takes %j for itself and for nothing else', (name) => {
    const matches = workerPattern(name);
    expect(matches(name)).toBe(true);
    for (const other of ['acme.x', 'a', 'b', 'a.x', 'x', 'aab', 'ab', 'other']) {
      expect(matches(other)).toBe(false);
    }
  });

  it('agrees with the regular expression that says the same', () => {
    const text = (alphabet: string) =>
      fc.array(fc.constantFrom(...Array.from(alphabet)), { maxLength: 8 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(text('ab.*?'), text('ab./'), (pattern, worker) => {
        const source = Array.from(pattern, (c) => ({ '*': '.*', '?': '.', '.': '\\.' })[c] ?? c).join('');
        expect(workerPattern(pattern)(worker)).toBe(new RegExp(`^${source}$`, 's').test(worker));
      }),
      { numRuns: 2_000 },
    );
  });

  // A glob made for file names held the event loop for a minute with such a pair, and every miner with it.
  it('is done at once with a name that is made to keep it busy', () => {
    const before = process.cpuUsage();
    expect(workerPattern('*a*a*a*a*a*a*z')('a'.repeat(256))).toBe(false);
    // The processor's time: the clock's goes on while the machine does something else.
    expect(process.cpuUsage(before).user).toBeLessThan(100_000);
  });

  // Each new name is asked of the patterns of all clients, in the turn of its bytes: with a thousand clients a name took
  // 8 ms, and a hundred names a second held the loop.
  it('turns most names away by their beginning', () => {
    const patterns = Array.from({ length: 1_000 }, (_, number) => workerPattern(`client${number}.*`));
    const before = process.cpuUsage();
    for (let number = 0; number < 100; number += 1) {
      const name = `stranger${number}.${'x'.repeat(200)}`;
      expect(patterns.some((matches) => matches(name))).toBe(false);
    }
    expect(process.cpuUsage(before).user).toBeLessThan(100_000);
  });
});
