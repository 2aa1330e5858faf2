import { fixedText, parseDecimal, roundedQuotient } from './decimal';
import type { UsageNumbers } from '../ledger/fold/usage-numbers';

/** What is asked for one unit, decimal text each; what is absent is not billed. */
export interface RateCard {
  readonly perAcceptedShare?: string;
  /** Per 10^12 hashes of accepted work. */
  readonly perTerahash?: string;
  readonly perTerahashDay?: string;
  /** Per 2^30 bytes, both directions together. */
  readonly perGibibyte?: string;
  readonly perMonth?: string;
}

/** What holds for all clients, and what some have instead. */
export interface Rates extends RateCard {
  readonly currency: string;
  /** Places that amounts are rounded to; 2 for most currencies, 8 for bitcoin. */
  readonly decimals: number;
  /** Other rates for some clients, each in place of the one above. */
  readonly clients: Readonly<Record<string, RateCard>>;
}

/** The rates by the names that configuration and statements have for them. */
const RATE_NAMES = {
  perAcceptedShare: 'per_accepted_share',
  perTerahash: 'per_terahash',
  perTerahashDay: 'per_terahash_day',
  perGibibyte: 'per_gibibyte',
  perMonth: 'per_month',
} as const satisfies Record<keyof RateCard, string>;

/** One item of a bill. All numbers are decimal text. */
export interface AmountLine {
  readonly item: (typeof RATE_NAMES)[keyof RateCard];
  /** Exact where it is a count, else rounded to 8 places; the amount is made of the exact one. */
  readonly quantity: string;
  readonly rate: string;
  readonly amount: string;
}

/** What the rates make of some usage: a line for each rate that is set. */
export interface Amounts {
  readonly currency: string;
  readonly lines: readonly AmountLine[];
  /** The sum of the lines as they stand. */
  readonly total: string;
}

const SECONDS_PER_DAY = 86_400n;
export const HASHES_PER_TERAHASH = 1_000_000_000_000n;
export const HASHES_PER_TERAHASH_DAY = HASHES_PER_TERAHASH * SECONDS_PER_DAY;
const GIBIBYTE = 2n ** 30n;
/** Decimal places that a quantity is shown with. */
export const QUANTITY_PLACES = 8;

/** An exact quantity: a whole number over another. */
type Ratio = readonly [numerator: bigint, denominator: bigint];

/** What the client owes for the numbers. `flat`: whether the month's flat rate is among it. */
export function priced(rates: Rates, clientId: string, numbers: UsageNumbers, flat: boolean): Amounts {
  const card: RateCard = { ...rates, ...rates.clients[clientId] };
  const lines: AmountLine[] = [];
  let total = 0n;
  for (const [name, quantity] of quantities(numbers, flat)) {
    const item = RATE_NAMES[name];
    const rate = card[name];
    if (rate === undefined) continue;
    const { units, scale } = parseDecimal(rate) ?? fail(item, rate);
    const [numerator, denominator] = quantity;
    const amount = roundedQuotient(units * numerator, denominator * 10n ** BigInt(scale), rates.decimals);
    total += amount;
    lines.push({ item, quantity: ratioText(quantity), rate, amount: fixedText(amount, rates.decimals) });
  }
  return { currency: rates.currency, lines, total: fixedText(total, rates.decimals) };
}

/** The ratio to 8 places. */
export function ratioText([numerator, denominator]: Ratio): string {
  if (denominator === 1n) return numerator.toString();
  return fixedText(roundedQuotient(numerator, denominator, QUANTITY_PLACES), QUANTITY_PLACES);
}

function quantities(numbers: UsageNumbers, flat: boolean): [keyof RateCard, Ratio][] {
  const hashes = numbers.get('accepted_hashes') ?? 0n;
  const bytes = (numbers.get('bytes_sent') ?? 0n) + (numbers.get('bytes_received') ?? 0n);
  const all: [keyof RateCard, Ratio][] = [
    ['perAcceptedShare', [numbers.get('accepted') ?? 0n, 1n]],
    ['perTerahash', [hashes, HASHES_PER_TERAHASH]],
    ['perTerahashDay', [hashes, HASHES_PER_TERAHASH_DAY]],
    ['perGibibyte', [bytes, GIBIBYTE]],
  ];
  return flat ? [...all, ['perMonth', [1n, 1n]]] : all;
}

function fail(item: string, rate: string): never {
  throw new RangeError(`billing.rates: ${item} is not a decimal number: ${rate}`);
}
