import { compare, type ComparisonRules, type Reason } from './compare';
import { noWork, type LedgerWork } from './ledger-work';
import { ONE } from './measure';

const SHARES: ComparisonRules = { measure: 'shares', tolerancePpm: 0n };
const DIFFICULTY: ComparisonRules = { measure: 'difficulty', tolerancePpm: 0n };
const NO_EDGES = { inside: 0n, outside: 0n };

/** A hundred shares of difficulty ten. */
const hundred = (more: Partial<LedgerWork> = {}): LedgerWork => ({
  ...noWork(),
  amount: 1000n * ONE,
  accepted: 100n,
  ...more,
});
const credit = (amount: number, rounding = 0n) => ({ amount: BigInt(Math.round(amount * 1e8)), rounding });

describe('compare', () => {
  it('finds nothing where both say the same', () => {
    expect(compare(credit(1000), hundred(), NO_EDGES, DIFFICULTY)).toEqual({
      pool: 1000n * ONE,
      ledger: 1000n * ONE,
      difference: 0n,
      explanations: [],
      finding: 'equal',
    });
  });

  it.each([950, 999.99999999, 1000.00000001, 1050, 0])(
    'says that %d of 1000 is not explained by nothing',
    (pool) => {
      expect(compare(credit(pool), hundred(), NO_EDGES, DIFFICULTY)).toMatchObject({
        finding: 'differs',
        explanations: [],
      });
    },
  );

  it.each<
    [
      Reason,
      number,
      ReturnType<typeof hundred>,
      Partial<ComparisonRules> & { inside?: number; outside?: number; rounding?: number },
      number,
    ]
  >([
    ['edges', -30, hundred(), { inside: 30, outside: 5 }, 30],
    ['edges', 5, hundred(), { inside: 30, outside: 5 }, 5],
    ['stale', -30, hundred({ stale: 3n }), {}, 30],
    ['foreign_accounts', -40, hundred({ foreign: 40n * ONE }), {}, 40],
    ['unanswered', 20, hundred({ open: 2n }), {}, 20],
    ['without_difficulty', 20, hundred({ accepted: 102n, withoutDifficulty: 2n }), {}, 20],
    ['rounding', -3, hundred(), { rounding: 3 }, 3],
    ['rounding', 3, hundred(), { rounding: 3 }, 3],
    ['tolerance', -5, hundred(), { tolerancePpm: 5_000n }, 5],
    ['statistics', 100, hundred(), { measure: 'hashrate' }, 100],
  ])('explains by %s a difference of %d, and not more', (reason, difference, work, rules, atMost) => {
    const { inside = 0, outside = 0, rounding = 0 } = rules;
    const edges = { inside: BigInt(inside) * ONE, outside: BigInt(outside) * ONE };
    const at = (pool: number) =>
      compare(credit(pool, BigInt(rounding) * ONE), work, edges, { ...DIFFICULTY, ...rules });
    expect(at(1000 + difference)).toMatchObject({
      finding: 'explained',
      explanations: [{ reason, atMost: BigInt(atMost) * ONE }],
    });
    expect(at(1000 + difference + Math.sign(difference) * 0.00000001).finding).toBe('differs');
  });

  it.each<[string, number, ReturnType<typeof hundred>]>([
    ['stale shares for a pool that credits more', 1, hundred({ stale: 3n })],
    ['foreign accounts for a pool that credits more', 1, hundred({ foreign: 40n * ONE })],
    ['unanswered shares for a pool that credits less', -1, hundred({ open: 2n })],
    ['what is not known for a pool that credits less', -1, hundred({ withoutDifficulty: 2n })],
  ])('does not take %s as an explanation', (_, difference, work) => {
    expect(compare(credit(1000 + difference), work, NO_EDGES, DIFFICULTY).finding).toBe('differs');
  });

  it('counts shares by the piece, whatever their difficulty is', () => {
    const work = { ...hundred({ stale: 3n, open: 2n, withoutDifficulty: 100n }), amount: 100n * ONE };
    expect(compare(credit(97), work, NO_EDGES, SHARES).finding).toBe('explained');
    expect(compare(credit(96), work, NO_EDGES, SHARES).finding).toBe('differs');
    expect(compare(credit(102), work, NO_EDGES, SHARES).finding).toBe('explained');
    expect(compare(credit(103), work, NO_EDGES, SHARES).finding).toBe('differs');
  });

  it('names what it has no number for, and explains nothing by it', () => {
    const work = { ...noWork(), accepted: 5n, withoutDifficulty: 5n };
    expect(compare(credit(10), work, NO_EDGES, DIFFICULTY)).toMatchObject({
      finding: 'differs',
      explanations: [{ reason: 'without_difficulty', atMost: null }],
    });
  });
});
