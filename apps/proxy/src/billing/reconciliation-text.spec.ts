import type { ReconciledRow, Reconciliation } from '@mining-proxy/billing';
import { printReconciliation, type ReconciliationFormat } from './reconciliation-text';

const ONE = 100_000_000n;

function row(name: string, pool: number, ledger: number, more: Partial<ReconciledRow> = {}): ReconciledRow {
  return {
    name,
    pool: BigInt(pool) * ONE,
    ledger: BigInt(ledger) * ONE,
    difference: BigInt(pool - ledger) * ONE,
    explanations: [],
    finding: pool === ledger ? 'equal' : 'differs',
    ...more,
  };
}

const found = (rows: readonly ReconciledRow[], more: Partial<Reconciliation> = {}): Reconciliation => ({
  month: '2026-11',
  measure: 'shares',
  level: 'worker',
  from: '2026-11-01',
  to: '2026-11-30',
  total: row('all', 95, 100),
  rows,
  differs: true,
  fileRows: rows.length,
  otherMonths: 0,
  repeatedRows: 0,
  completeUntil: undefined,
  ...more,
});

function printed(reconciliation: Reconciliation, format: ReconciliationFormat): string {
  let text = '';
  const asked = { files: ['pool.csv'], options: { 'client-id': 'acme' } };
  printReconciliation(reconciliation, asked, format, (part) => (text += part));
  return text;
}

describe('printReconciliation', () => {
  const rows = [
    row('a.equal', 5, 5),
    row('a.day', 4, 6, { day: '2026-11-02' }),
    row('a.small', 9, 10),
    row('a.explained', 8, 9, { finding: 'explained', explanations: [{ reason: 'edges', atMost: ONE }] }),
    row('a.large', 10, 20, { explanations: [{ reason: 'stale', atMost: null }] }),
    row('rig', 3, 0, { only: 'pool', couldBe: ['a.rig', 'b.rig'] }),
  ];

  it('begins with what differs most, whole months before their days', () => {
    const text = printed(found(rows), 'table');
    const places = ['a.large', 'rig', 'a.small', 'a.day'].map((name) => text.indexOf(`\n${name}`));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(text).not.toMatch(/\na\.(equal|explained)/);
    expect(text).toMatch(/^a\.large +all days +10 +20 +-10 +-50\.00 +0 +stale \(work unknown\)$/m);
    expect(text).toMatch(/could be a\.rig or b\.rig: say --account$/m);
    expect(text).toContain(
      '5 workers: 1 equal, 1 explained, 3 not; 1 days of workers: 0 equal, 0 explained, 1 not\n',
    );
    expect(text).toContain('(client-id acme)');
  });

  it('says what was left out, added up, and not yet there', () => {
    const text = printed(
      found([], { otherMonths: 7, repeatedRows: 2, completeUntil: Date.UTC(2026, 10, 30, 12) }),
      'table',
    );
    expect(text).toContain('7 rows of the file are not of 2026-11 and were left out\n');
    expect(text).toContain('2 of 0 rows have a name and time that an earlier one had: they were added up\n');
    expect(text).toContain(
      'the ledger is complete up to 2026-11-30T12:00:00.000Z: later shares are missing there\n',
    );
  });

  it('shows fifty rows and says how many more there are', () => {
    const many = Array.from({ length: 60 }, (_, index) => row(`w${index}`, 1, 2));
    const text = printed(found(many), 'table');
    expect(text.match(/^w\d+ /gm)).toHaveLength(50);
    expect(text).toContain('and 10 more: --format csv has all\n');
  });

  it('writes hashes in a unit that leaves some digits', () => {
    const total = row('all', 0, 0, { pool: 10n ** 15n * ONE, ledger: 2n * 10n ** 15n * ONE });
    const text = printed(found([], { measure: 'hashrate', total }), 'table');
    expect(text).toContain('hashes (hashrate times seconds), in TH\n');
    expect(text).toContain('1000.000  2000.000');
  });

  it('lets no name of a file command a terminal', () => {
    expect(printed(found([row('\u001b[2Jx', 1, 2)]), 'table')).not.toContain('\u001b');
  });

  it('is JSON with all rows, as many as there are', () => {
    for (const count of [0, 1, 1_000, 2_001]) {
      const many = Array.from({ length: count }, (_, index) => row(`w${index}`, 1, 2));
      const answer = JSON.parse(printed(found(many), 'json')) as { rows: unknown[]; total: object };
      expect(answer.rows).toHaveLength(count);
      expect(answer.total).toMatchObject({ pool: '95', ledger: '100', difference: '-5', percent: '-5.0000' });
    }
    expect(JSON.parse(printed(found(rows), 'json'))).toMatchObject({
      rows: [
        { name: 'a.large', day: null, finding: 'differs', explanations: { stale: null } },
        { name: 'rig', only_in: 'pool', could_be: ['a.rig', 'b.rig'], percent: '' },
        { name: 'a.small' },
        { name: 'a.day', day: '2026-11-02' },
        { name: 'a.explained', explained_at_most: '1', explanations: { edges: '1' } },
        { name: 'a.equal', difference: '0' },
      ],
    });
  });

  it('is CSV with one heading, which runs nothing in a spreadsheet', () => {
    const many = [
      row('=cmd()', 1, 3),
      ...Array.from({ length: 1_500 }, (_, index) => row(`w${index}`, 1, 2)),
    ];
    const lines = printed(found(many), 'csv').trimEnd().split('\r\n');
    expect(lines).toHaveLength(1_502);
    expect(lines[0]).toBe(
      'name,day,only_in,pool,ledger,difference,percent,finding,explained_at_most,explanations',
    );
    expect(lines[1]).toBe("'=cmd(),,,1,3,-2,-66.6667,differs,0,");
  });
});
