import type { NumberName } from '../ledger/fold/usage-numbers';
import { priced, type Rates } from './rates';

const RATES: Rates = {
  currency: 'EUR',
  decimals: 2,
  perTerahashDay: '0.0415',
  perMonth: '25',
  clients: { acme: { perTerahashDay: '0.039' } },
};

const numbers = (hashes: bigint) => new Map<NumberName, bigint>([['accepted_hashes', hashes]]);

describe('amounts', () => {
  it('are those of the worked month in docs/BILLING.md', () => {
    const hashes = 1_000_000n * 65_536n * 2n ** 32n;
    expect(priced(RATES, 'acme', numbers(hashes), true)).toEqual({
      currency: 'EUR',
      lines: [
        { item: 'per_terahash_day', quantity: '3257.81223045', rate: '0.039', amount: '127.05' },
        { item: 'per_month', quantity: '1', rate: '25', amount: '25.00' },
      ],
      total: '152.05',
    });
  });

  it('have the general rate where a client has none of its own, and no line where there is no rate', () => {
    const { lines } = priced(RATES, 'bolt', numbers(86_400n * 10n ** 12n), false);
    expect(lines).toEqual([
      { item: 'per_terahash_day', quantity: '1.00000000', rate: '0.0415', amount: '0.04' },
    ]);
  });

  it('are exact where floating-point numbers are not', () => {
    const rates: Rates = { currency: 'BTC', decimals: 8, perAcceptedShare: '0.00000003', clients: {} };
    const shares = new Map<NumberName, bigint>([['accepted', 333_333_333_333_333_333n]]);
    expect(priced(rates, 'acme', shares, false).total).toBe('9999999999.99999999');
  });

  it('of what is taken back are below zero', () => {
    expect(priced(RATES, 'bolt', numbers(-86_400n * 10n ** 12n * 100n), false).total).toBe('-4.15');
  });

  it('refuse a rate that is no decimal number', () => {
    expect(() => priced({ ...RATES, perMonth: '1e3' }, 'bolt', numbers(0n), true)).toThrow(/per_month/);
  });
});
