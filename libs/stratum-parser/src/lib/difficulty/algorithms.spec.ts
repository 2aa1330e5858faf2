import { loadAlgorithms } from '../../testing';
import { ALGORITHMS, hashesPerDifficulty1 } from './algorithms';

describe('hashesPerDifficulty1', () => {
  const families = loadAlgorithms();

  it('knows all that is recorded', () => {
    expect(families).toHaveLength(8);
  });

  it.each(families.map((family) => [family.log2, family] as const))(
    'has a family of 2^%d',
    (log2, { names, of }) => {
      for (const name of names) {
        const own = of === 'zone117x' ? `${name}/zone117x` : name;
        const known = ALGORITHMS.filter(
          (algorithm) => algorithm === own || (name.endsWith('*') && algorithm.startsWith(name.slice(0, -1))),
        );
        expect([name, known.map((algorithm) => hashesPerDifficulty1(algorithm))]).toEqual([
          name,
          known.map(() => 2 ** log2),
        ]);
        expect([name, known.length > 0]).toEqual([name, true]);
      }
    },
  );

  it('is the default of the inspector for SHA-256d and undefined for what nobody knows', () => {
    expect(hashesPerDifficulty1('sha256d')).toBe(2 ** 32);
    expect(hashesPerDifficulty1('SHA256D')).toBeUndefined();
    expect(hashesPerDifficulty1('constructor')).toBeUndefined();
  });
});
