import type { Statement } from '@mining-proxy/billing';
import { csvOf, statementTable } from './csv';

describe('csvOf', () => {
  it('has a head, and a line for each row that ends in CRLF', () => {
    const rows = [
      { worker: 'a.1', accepted: '5' },
      { worker: 'a.2', accepted: '7' },
    ];
    expect(csvOf(rows, true)).toBe('worker,accepted\r\na.1,5\r\na.2,7\r\n');
    expect(csvOf(rows, false)).toBe('a.1,5\r\na.2,7\r\n');
  });

  it('is empty without rows', () => {
    expect(csvOf([], true)).toBe('');
  });

  it.each(['=cmd()', '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＠x'])(
    'lets no spreadsheet run %j',
    (worker) => {
      expect(csvOf([{ worker }], false)).toMatch(/^"?'/);
    },
  );

  it('lets no spreadsheet run what stands behind a semicolon, where that parts cells', () => {
    expect(csvOf([{ worker: 'a;=cmd();b; @x' }], false)).toBe("a;'=cmd();b; '@x\r\n");
  });

  it.each(['-5', '-0.25', '12.5'])('leaves the number %s a number', (amount) => {
    expect(csvOf([{ amount }], false)).toBe(`${amount}\r\n`);
  });

  it('quotes what would break out of its cell', () => {
    expect(csvOf([{ worker: 'a,"b"\n' }], false)).toBe('"a,""b""\n"\r\n');
  });
});

describe('statementTable', () => {
  const statement: Statement = {
    client_id: 'acme',
    month: '2026-11',
    from: '2026-11-01T00:00:00.000Z',
    to: '2026-12-01T00:00:00.000Z',
    closed: {
      month: '2026-11',
      closed_at: '2026-12-01T06:00:00.000Z',
      rows: 3,
      sha256: 'ab12',
      without: ['j-lost', 'j-gone'],
    },
    usage: { accepted: '7', rejected_stale: '1' },
    reject_rate: '0.125000',
    reject_rate_by_reason: { stale: '0.125000' },
    uptime: {
      session_seconds: '90.000',
      connected_seconds: '60.000',
      elapsed_seconds: '120',
      ratio: '0.500000',
      workers: 3,
    },
    corrections: [{ month: '2026-10', usage: { accepted: '50', rejected_stale: '0' }, amounts: null }],
    amounts: null,
    total: null,
    journals: [{ journal_id: 'j-here', instance: 'east', folded_through: '2026-12-01T05:59:59.000Z' }],
  };
  const rows = new Map(statementTable(statement).map(({ item, quantity }) => [item, quantity]));

  it.each([
    ['accepted', '7'],
    ['reject_rate', '0.125000'],
    ['reject_rate_stale', '0.125000'],
    ['uptime', '0.500000'],
    ['elapsed_seconds', '120'],
    ['workers', '3'],
    ['without_journals', 'j-lost j-gone'],
    ['journal j-here folded_through', '2026-12-01T05:59:59.000Z'],
  ])('has the %s of the statement', (item, quantity) => {
    expect(rows.get(item)).toBe(quantity);
  });

  it('has corrections also where nothing is asked for them', () => {
    expect(rows.get('2026-10 correction: accepted')).toBe('50');
    expect([...rows.keys()].filter((item) => item?.startsWith('2026-10'))).toHaveLength(1);
  });
});
