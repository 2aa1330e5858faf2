import { check } from './rule';

/** A rate as decimal text: money is never a floating-point number. */
export const DecimalText = () =>
  check('decimalText', (value) =>
    value === undefined || (typeof value === 'string' && /^\d{1,20}(?:\.\d{1,18})?$/.test(value))
      ? undefined
      : 'must be a decimal number as text, as in "0.05"',
  );

/** The code or name of a currency. */
export const Currency = () =>
  check('currency', (value) =>
    typeof value === 'string' && /^[A-Za-z]{2,10}$/.test(value)
      ? undefined
      : 'must be 2 to 10 letters, as in "EUR" or "BTC"',
  );

/**
 * The address of a database; null for the file in the data directory. What a password with bare special characters
 * makes of an address is refused here: it would be looked up, and told, as the name of a server.
 */
export const DatabaseUrl = () =>
  check('databaseUrl', (value) =>
    value === null || (typeof value === 'string' && isPostgresUrl(value))
      ? undefined
      : 'must be postgres://user:password@host:port/database (special characters of the password as %40 and so on), or ' +
        'null for SQLite in data_dir',
  );

function isPostgresUrl(text: string): boolean {
  if (!/^postgres(?:ql)?:\/\/\S+$/.test(text) || !URL.canParse(text)) return false;
  const { pathname, hash } = new URL(text);
  return hash === '' && /^(?:\/[^/@]*)?$/.test(pathname);
}
