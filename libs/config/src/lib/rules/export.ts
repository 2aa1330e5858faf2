import { check } from './rule';

/** The address of an HTTP receiver. Secrets do not belong into it: they have keys of their own. */
export const HttpUrl = () =>
  check('httpUrl', (value) =>
    typeof value === 'string' && isHttpUrl(value)
      ? undefined
      : 'must be an address as https://host/path, without a user, a password or a #fragment',
  );

/** A UTC day; null where there is none. */
export const OptionalDay = () =>
  check('day', (value) =>
    value === null || (typeof value === 'string' && isDay(value))
      ? undefined
      : 'must be a day, as in "2026-12-01", or null',
  );

function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\/\S+$/i.test(text) || !URL.canParse(text)) return false;
  const { username, password, hash } = new URL(text);
  return username === '' && password === '' && hash === '';
}

/** Also whether the month has such a day. */
function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
}
