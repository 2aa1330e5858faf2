import type { ConfigFault } from './config-error';
import { readBilling } from './read-billing';

function billing(content: unknown) {
  const faults: ConfigFault[] = [];
  const settings = readBilling(content, {}, faults);
  return { settings, paths: faults.map(({ path }) => path) };
}

describe('section billing', () => {
  it('has its rates with those of single clients', () => {
    const { settings, paths } = billing({
      database_url: 'postgres://me:secret@db.example.com:5432/ledger',
      journal_retention_days: 7,
      rates: {
        currency: 'EUR',
        per_terahash_day: '0.055',
        clients: { acme: { per_month: '5', per_terahash_day: '0.05' } },
      },
    });
    expect(paths).toEqual([]);
    expect(settings).toMatchObject({
      databaseUrl: 'postgres://me:secret@db.example.com:5432/ledger',
      journalRetentionDays: 7,
      rates: {
        currency: 'EUR',
        decimals: 2,
        perTerahashDay: '0.055',
        clients: { acme: { perMonth: '5', perTerahashDay: '0.05' } },
      },
    });
  });

  it('has no rates where none are given', () => {
    expect(billing(undefined).settings.rates).toBeNull();
    expect(billing({ rates: null }).settings.rates).toBeNull();
  });

  it('asks for the currency of rates', () => {
    expect(billing({ rates: { per_month: '5' } }).paths).toEqual(['billing.rates.currency']);
  });

  it.each([0.05, 5, '0,05', '-1', '.5', '1e3', '', null])('takes no rate that is %j', (rate) => {
    expect(billing({ rates: { currency: 'EUR', per_month: rate } }).paths).toEqual([
      'billing.rates.per_month',
    ]);
  });

  it.each([
    'postgres://db.example.com',
    'postgres://me:p%40ss%2Fw%23rd%251@db.example.com:5432/ledger?sslmode=verify-full',
    'postgres:///ledger?host=/var/run/postgresql',
    'postgresql://me@[::1]/my%2Fledger',
  ])('takes the database %s', (url) => {
    expect(billing({ database_url: url })).toMatchObject({ paths: [], settings: { databaseUrl: url } });
  });

  it.each([
    'postgres://me:p#ss@db.example.com/ledger',
    'postgres://me:p@s/w#rd@db.example.com/ledger',
    'postgres://me:p@s/word@db.example.com/ledger',
    'postgres://me:p/ss@db.example.com/ledger',
    'postgres://me:p?ss@db.example.com/ledger',
    'postgres://db.example.com:99999/ledger',
  ])('takes no address that means another than it seems to: %s', (url) => {
    expect(billing({ database_url: url }).paths).toEqual(['billing.database_url']);
  });

  it.each(['mysql://db/x', 'db.example.com', '', 5])('takes no database that is %j', (url) => {
    expect(billing({ database_url: url }).paths).toEqual(['billing.database_url']);
  });

  it('has no export where none is given', () => {
    expect(billing({ export: null }).settings.export).toBeNull();
  });

  it('has where usage is sent, with what it needs not be told', () => {
    const url = 'https://openmeter.cloud/api/v1/events?region=eu';
    expect(billing({ export: { url, token: 't'.repeat(16), from: '2028-02-29' } })).toMatchObject({
      paths: [],
      settings: {
        export: {
          url,
          token: 't'.repeat(16),
          batchSize: 100,
          intervalMs: 60_000,
          timeoutMs: 30_000,
          from: '2028-02-29',
        },
      },
    });
  });

  it.each([
    'https://me:secret@meter.example.com/events',
    'https://meter.example.com/events#there',
    'ftp://meter.example.com',
    'meter.example.com',
    'https://',
    5,
    undefined,
  ])('sends usage to no address that is %j', (url) => {
    expect(billing({ export: { url } }).paths).toEqual(['billing.export.url']);
  });

  it.each(['2026-02-29', '2026-2-1', '2026-12-01T00:00:00Z', 'soon', 20261201])(
    'sends usage from no day that is %j',
    (from) => {
      expect(billing({ export: { url: 'http://meter/events', from } }).paths).toEqual([
        'billing.export.from',
      ]);
    },
  );

  it('names all that is wrong with an export, without its token', () => {
    const faults: ConfigFault[] = [];
    const content = { token: 'hush', batch_size: 0, timeout: 5 };
    readBilling({ export: content }, {}, faults);
    expect(faults.map(({ path }) => path).sort()).toEqual([
      'billing.export.batch_size',
      'billing.export.timeout',
      'billing.export.token',
      'billing.export.url',
    ]);
    expect(JSON.stringify(faults)).not.toContain('hush');
  });

  it('names each fault inside of it with its whole path', () => {
    const content = {
      journal_days: 1,
      rates: { currency: 'EUR', per_moon: '5', clients: { acme: { currency: 'USD' }, b: 5 } },
    };
    expect(billing(content).paths.sort()).toEqual([
      'billing.journal_days',
      'billing.rates.clients.acme.currency',
      'billing.rates.clients.b',
      'billing.rates.per_moon',
    ]);
  });
});
