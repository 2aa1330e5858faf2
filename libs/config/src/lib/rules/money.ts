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

/** The address of a database; null for the file in the data directory. */
export const DatabaseUrl = () =>
  check('databaseUrl', (value) =>
    value === null || (typeof value === 'string' && /^postgres(?:ql)?:\/\/\S+$/.test(value))
      ? undefined
      : 'must be postgres://user:password@host:port/database, or null for SQLite in data_dir',
  );
