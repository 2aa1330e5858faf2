import { csvOf } from './csv';

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
