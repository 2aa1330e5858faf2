const UNITS = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s', 'PH/s', 'EH/s', 'ZH/s'];

/** `112 TH/s`: three digits, and the unit in which they are short. */
export function hashrate(perSecond: number): string {
  if (!(perSecond > 0)) return '0 H/s';
  const power = Math.max(0, Math.min(UNITS.length - 1, Math.floor(Math.log10(perSecond) / 3)));
  return `${short(perSecond / 1000 ** power)} ${UNITS[power] ?? ''}`;
}

/** `112 TH/s ± 9 %`: how far a rate out of few shares may be off. */
export function hashrateWithError(perSecond: number, error: number | null): string {
  if (error === null) return hashrate(perSecond);
  return `${hashrate(perSecond)} ± ${percent(error, 0)}`;
}

/** `1.25 %`. */
export function percent(part: number, places = 2): string {
  return `${(part * 100).toFixed(places)} %`;
}

/** Part of a whole that may be nothing. */
export function partOf(part: number, whole: number): string {
  return whole === 0 ? '–' : percent(part / whole);
}

/** Thousands set apart, as everywhere on the page. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

/** Difficulties go from millionths to trillions. */
export function difficulty(value: number | null): string {
  if (value === null) return '–';
  return value >= 1000 ? count(value) : short(value);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
