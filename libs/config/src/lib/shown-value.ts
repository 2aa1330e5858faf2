import { untrusted } from '@mining-proxy/logger';

const LONGEST = 60;

/** A value as a fault shows it: on one line, cut, and without what may be a login inside of an address. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  return `"${untrusted(value.replace(/[^\s/]*@/g, '…@'), LONGEST)}"`;
}
