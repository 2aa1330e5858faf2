import fc from 'fast-check';
import { findJsonFault } from './json-fault';

describe('findJsonFault', () => {
  it.each([
    ['', 1, 1, 'the file ends too early'],
    ['{"a": 1,}', 1, 9, 'remove the comma'],
    ['{\n  "a": [1, ]\n}', 2, 12, 'remove the comma'],
    ['{\n  // ports\n}', 2, 3, 'no comments'],
    ['{"a": 1 # ports\n}', 1, 9, 'no comments'],
    ["{'a': 1}", 1, 2, 'double quotes only'],
    ['{"a": 1 "b": 2}', 1, 9, 'must be a comma or }'],
    ['{"a" 1}', 1, 6, 'must be a colon'],
    ['{"a": 01}', 1, 7, 'must be a value'],
    ['{"a": NaN}', 1, 7, 'must be a value'],
    ['{"a": truest}', 1, 7, 'must be a value'],
    ['{"a": "x\n"}', 1, 7, 'ends on its line'],
    ['{"a": "\\x"}', 1, 7, 'ends on its line'],
    ['{"a": 1', 1, 8, 'the file ends too early'],
    ['{} {}', 1, 4, 'must end here'],
    ['{"a": 1, "b": 2, "a": 3}', 1, 18, 'must not repeat a key'],
    ['{"a": 1, "\\u0061": 3}', 1, 10, 'must not repeat a key'],
    ['['.repeat(100_000), 1, 34, 'nested deeper'],
  ])('finds what is wrong with %.40j', (text, line, column, expected) => {
    expect(findJsonFault(text)).toEqual({
      line,
      column,
      expected: expect.stringContaining(expected) as string,
    });
  });

  it('passes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat(4), (text, indent) => {
        expect(findJsonFault(JSON.stringify(JSON.parse(text), null, indent))).toBeUndefined();
      }),
    );
  });

  it('faults each text that JSON.parse refuses', () => {
    const damaged = fc.tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', ':', '\\', '-', 'e', '\n'),
    );
    fc.assert(
      fc.property(damaged, ([text, at, inserted]) => {
        const offset = at % (text.length + 1);
        const broken = text.slice(0, offset) + inserted + text.slice(offset + 1);
        if (!parses(broken)) expect(findJsonFault(broken)).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
