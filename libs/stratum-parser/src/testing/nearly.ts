/** Doubles of the same number that were computed in another order. */
const RELATIVE = 1e-9;

/** The same expectation, but of large numbers and of fractions only as exact as sums of doubles are. */
export function nearly(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) && value < 1e6 ? value : about(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(nearly);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, nearly(part)]));
}

/** Matches what is the same number; shaped as Jest's matchers are, so that it can stand inside of an object. */
function about(expected: number): object {
  return {
    $$typeof: Symbol.for('jest.asymmetricMatcher'),
    asymmetricMatch: (actual: unknown) =>
      typeof actual === 'number' && Math.abs(actual - expected) <= Math.abs(expected) * RELATIVE,
    toString: () => 'About',
    toAsymmetricMatcher: () => `about ${expected}`,
  };
}
