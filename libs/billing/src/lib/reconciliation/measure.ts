import type { NumberName } from '../ledger/fold/usage-numbers';
import { parseDecimal } from '../statement/decimal';

/**
 * What a pool's file counts: accepted shares, the sum of their difficulties, the hashes that they stand for, or the mean
 * hashes a second over the span of a row.
 */
export const MEASURES = ['difficulty', 'hashes', 'shares', 'hashrate'] as const;
export type Measure = (typeof MEASURES)[number];

/** Amounts of all measures are whole numbers of 10^-8, as the ledger has difficulty. */
export const AMOUNT_PLACES = 8;
export const ONE = 10n ** BigInt(AMOUNT_PLACES);

/** The number of the ledger that is compared, and what one of it is in units of amounts. */
export function ledgerNumber(measure: Measure): { readonly name: NumberName; readonly unit: bigint } {
  switch (measure) {
    case 'shares':
      return { name: 'accepted', unit: ONE };
    case 'difficulty':
      return { name: 'accepted_difficulty', unit: 1n };
    case 'hashes':
    case 'hashrate':
      return { name: 'accepted_hashes', unit: ONE };
  }
}

/** What an amount of the measure is of, in a sentence. */
export function measureText(measure: Measure): string {
  switch (measure) {
    case 'shares':
      return 'accepted shares';
    case 'difficulty':
      return 'difficulty of the accepted shares, added up';
    case 'hashes':
      return 'hashes';
    case 'hashrate':
      return 'hashes (hashrate times seconds)';
  }
}

/** A number as a file spells it: `amount`, and `step`, what one more in its last digit would be. */
export interface SpelledAmount {
  readonly amount: bigint;
  readonly step: bigint;
}

const NUMBER = /^(-?\d+(?:\.\d+)?)(?:[eE]([+-]?\d{1,3}))?$/;
/** Beyond any month of any network. */
const MOST = 10n ** 45n;

/** Reads a plain number, or one with an exponent. Undefined for what is none, for one below zero, and for absurd ones. */
export function readAmount(text: string, decimalComma: boolean): SpelledAmount | undefined {
  const match = NUMBER.exec(decimalComma && !text.includes('.') ? text.replace(',', '.') : text);
  if (!match) return undefined;
  const decimal = parseDecimal(shortened(match[1] ?? ''));
  if (!decimal || decimal.units < 0n) return undefined;
  const shift = AMOUNT_PLACES - decimal.scale + Number(match[2] ?? 0);
  if (shift > 60) return decimal.units === 0n ? { amount: 0n, step: 0n } : undefined;
  const amount = shifted(decimal.units, shift);
  return amount > MOST ? undefined : { amount, step: shift <= 0 ? 1n : 10n ** BigInt(shift) };
}

/** Floating point prints more places than anybody measures. */
function shortened(text: string): string {
  const [whole = '', places = ''] = text.split('.');
  return places === '' ? whole : `${whole}.${places.slice(0, 18)}`;
}

/** Times ten to the power of `shift`, cut to a whole number. */
function shifted(units: bigint, shift: number): bigint {
  if (shift >= 0) return units * 10n ** BigInt(shift);
  return shift < -60 ? 0n : units / 10n ** BigInt(-shift);
}

const PREFIXES = ['', 'k', 'm', 'g', 't', 'p', 'e', 'z'];
const UNIT = /^([kmgtpez]?)(?:h|hash|hashes)(?:\/s|ps)?$/;

/** Hashes in a unit as `TH/s`, `PH` or `GHash/s` names it; undefined for what is none. */
export function hashesIn(unit: string): bigint | undefined {
  const match = UNIT.exec(unit.toLowerCase().replaceAll(/\s/g, ''));
  return match ? 1000n ** BigInt(PREFIXES.indexOf(match[1] ?? '')) : undefined;
}
