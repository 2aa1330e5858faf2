import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, type LedgerDatabase } from '../ledger/database/database';
import { migrate } from '../ledger/database/migrate';
import { addToRows } from '../ledger/fold/usage-rows';
import type { NumberName } from '../ledger/fold/usage-numbers';
import { describeInPostgres } from '../ledger/testing/postgres-cluster';
import { JOURNAL_ID, temporaryDirectory } from '../ledger/testing/write-journal';
import { PoolDays } from './pool-days';
import { readPoolFiles } from './read-pool-files';
import { reconcile, reconcileIn, type ReconciledRow, type ReconciliationOptions } from './reconcile';

const OPTIONS: ReconciliationOptions = { separators: './+#', edgeHours: 1, tolerancePpm: 0n };
const OFFSETS = { UTC: 0, east: 5.5 * 3_600_000, west: -8 * 3_600_000 };

/** Some shares of a worker in an hour. */
interface Hour {
  readonly at: string;
  readonly worker: string;
  readonly shares: number;
  readonly client?: string;
  readonly pool?: string;
  readonly more?: Readonly<Partial<Record<NumberName, bigint>>>;
}

/** What a reconciliation is to find, whatever database the ledger lies in. */
function describeReconciliation(open: () => Promise<LedgerDatabase>): void {
  const directory = temporaryDirectory();
  let database: LedgerDatabase;
  beforeEach(async () => {
    database = await open();
    await migrate(database);
  });
  afterEach(() => database.close());
  afterAll(() => directory.remove());

  async function book(hours: readonly Hour[], table: 'usage' | 'corrections' = 'usage'): Promise<void> {
    const rows = hours.map(({ at, worker, shares, client = 'acme', pool = 'eu:3333', more = {} }) => ({
      key: { session_id: '', client_id: client, worker, pool, hour: Date.parse(at), dialect: 'stratum1' },
      numbers: new Map<NumberName, bigint>([
        ['submits', BigInt(shares)],
        ['accepted', BigInt(shares)],
        ['accepted_difficulty', BigInt(shares) * 1_000_000_000n],
        ['accepted_hashes', BigInt(shares) * 10n * 2n ** 32n],
        ...(Object.entries(more) as [NumberName, bigint][]),
      ]),
      ...(table === 'corrections' ? { bookedMonth: '2026-12' } : {}),
    }));
    await database.tables
      .transaction()
      .execute((step) => addToRows(step, database.kind, table, JOURNAL_ID, rows));
  }

  async function found(
    text: string,
    options: Partial<ReconciliationOptions> = {},
    offsetMs: number = OFFSETS.UTC,
  ) {
    const file = join(directory.path, 'pool.csv');
    writeFileSync(file, text);
    const credits = await readPoolFiles({
      files: [file],
      days: new PoolDays('2026-11', offsetMs),
      columns: {},
      unit: undefined,
      spanMs: undefined,
      decimalComma: false,
    });
    return reconcileIn(database, credits, { ...OPTIONS, ...options });
  }

  /** `a.1 2026-11-01 5-7 explained edges`, by name and day. */
  function plain(rows: readonly ReconciledRow[]): string[] {
    return rows
      .map(({ name, day = 'all', pool, ledger, finding, explanations, only }) =>
        [
          `${name} ${day} ${Number(pool) / 1e8}-${Number(ledger) / 1e8} ${finding}`,
          ...explanations.map(({ reason, atMost }) => `${reason}:${Number(atMost) / 1e8}`),
          ...(only === undefined ? [] : [`only ${only}`]),
        ].join(' '),
      )
      .sort();
  }

  it('finds nothing where all is equal, by worker, by account and in total', async () => {
    await book([
      { at: '2026-11-01T00:00:00Z', worker: 'acme.1', shares: 5 },
      { at: '2026-11-01T13:00:00Z', worker: 'acme.1', shares: 6 },
      { at: '2026-11-02T13:00:00Z', worker: 'acme.2', shares: 7 },
    ]);
    await book(
      [
        { at: '2026-11-01T13:00:00Z', worker: 'acme.1', shares: 1 },
        { at: '2026-11-02T13:00:00Z', worker: 'acme.3', shares: 0 },
        { at: '2026-11-02T14:00:00Z', worker: 'acme.late', shares: 3 },
      ],
      'corrections',
    );
    const workers = await found(
      'worker,day,shares\nacme.1,2026-11-01,12\n2,2026-11-02,7\nlate,2026-11-02,3\n',
    );
    expect(workers.differs).toBe(false);
    expect(plain(workers.rows)).toEqual([
      'acme.1 2026-11-01 12-12 equal',
      'acme.1 all 12-12 equal',
      'acme.2 2026-11-02 7-7 equal',
      'acme.2 all 7-7 equal',
      'acme.late 2026-11-02 3-3 equal',
      'acme.late all 3-3 equal',
    ]);
    const accounts = await found(
      'account,day,accepted difficulty\nacme,2026-11-01,120\nacme,2026-11-02,100\n',
    );
    expect([accounts.differs, accounts.level, plain(accounts.rows).at(-1)]).toEqual([
      false,
      'account',
      'acme all 220-220 equal',
    ]);
    const all = await found(`hashes\n${220n * 2n ** 32n}\n`);
    expect([all.differs, all.total.finding, all.rows.length]).toEqual([false, 'equal', 1]);
  });

  it('explains by the edges what a pool books in the day before or after, and no more', async () => {
    await book([
      { at: '2026-11-01T23:00:00Z', worker: 'a.1', shares: 4 },
      { at: '2026-11-02T00:00:00Z', worker: 'a.1', shares: 3 },
      { at: '2026-11-02T12:00:00Z', worker: 'a.1', shares: 100 },
      { at: '2026-11-02T23:00:00Z', worker: 'a.1', shares: 5 },
      { at: '2026-11-03T00:00:00Z', worker: 'a.1', shares: 2 },
      { at: '2026-11-03T01:00:00Z', worker: 'a.1', shares: 50 },
    ]);
    const at = async (shares: number) =>
      plain((await found(`worker,day,shares\na.1,2026-11-02,${shares}\n`)).rows)[0];
    expect(await at(100)).toBe('a.1 2026-11-02 100-108 explained edges:8');
    expect(await at(99)).toBe('a.1 2026-11-02 99-108 differs edges:8');
    expect(await at(114)).toBe('a.1 2026-11-02 114-108 explained edges:6');
    expect(await at(115)).toBe('a.1 2026-11-02 115-108 differs edges:6');
    // Two days: what lies between them is no edge of both together.
    const both = async (shares: number) => {
      const { rows } = await found(`worker,day,shares\na.1,2026-11-01,4\na.1,2026-11-02,${shares}\n`);
      return plain(rows).at(-1);
    };
    expect(await both(103)).toBe('a.1 all 107-112 explained edges:5');
    expect(await both(102)).toBe('a.1 all 106-112 differs edges:5');
    expect(await both(110)).toBe('a.1 all 114-112 explained edges:2');
    expect(await both(111)).toBe('a.1 all 115-112 differs edges:2');
    const exact = await found('worker,day,shares\na.1,2026-11-02,107\n', { edgeHours: 0 });
    expect(plain(exact.rows)[0]).toBe('a.1 2026-11-02 107-108 differs');
  });

  it('names a pool that keeps of each day no more than its edges explain', async () => {
    const days = Array.from({ length: 30 }, (_, index) => `2026-11-${String(index + 1).padStart(2, '0')}`);
    await book(
      days.flatMap((day) =>
        Array.from({ length: 24 }, (_, hour) => ({
          at: `${day}T${String(hour).padStart(2, '0')}:00:00Z`,
          worker: 'a.1',
          shares: 10,
        })),
      ),
    );
    const skimmed = await found(`worker,day,shares\n${days.map((day) => `a.1,${day},228`).join('\n')}\n`);
    expect(skimmed.rows.filter(({ day, finding }) => day !== undefined && finding !== 'explained')).toEqual(
      [],
    );
    expect(skimmed.rows.find(({ day }) => day === undefined)).toMatchObject({ finding: 'differs' });
    expect(skimmed).toMatchObject({ differs: true, total: { finding: 'differs' } });
  });

  it.each([
    ['UTC', OFFSETS.UTC, ['2026-11-01T00:00:00Z', '2026-11-01T23:00:00Z', '2026-11-02T00:00:00Z']],
    ['west of it', OFFSETS.west, ['2026-11-01T08:00:00Z', '2026-11-02T07:00:00Z', '2026-11-02T08:00:00Z']],
    [
      'east of it, by half an hour more',
      OFFSETS.east,
      ['2026-10-31T19:00:00Z', '2026-11-01T17:00:00Z', '2026-11-01T19:00:00Z'],
    ],
  ])('has days as the pool has them: %s', async (_, offset, [first = '', last = '', next = '']) => {
    await book([
      { at: first, worker: 'a.1', shares: 1 },
      { at: last, worker: 'a.1', shares: 2 },
      { at: next, worker: 'a.1', shares: 4 },
    ]);
    const { rows } = await found('worker,day,shares\na.1,2026-11-01,3\na.1,2026-11-02,4\n', {}, offset);
    expect(plain(rows)).toEqual([
      'a.1 2026-11-01 3-3 equal',
      'a.1 2026-11-02 4-4 equal',
      'a.1 all 7-7 equal',
    ]);
  });

  it('compares only the days that the file speaks of, and misses none between them', async () => {
    await book(
      ['01', '10', '11', '12', '20'].map((day) => ({
        at: `2026-11-${day}T12:00:00Z`,
        worker: 'a.1',
        shares: 5,
      })),
    );
    const some = await found('worker,day,shares\na.1,2026-11-10,5\na.1,2026-11-12,5\n');
    expect([some.from, some.to]).toEqual(['2026-11-10', '2026-11-12']);
    expect(plain(some.rows)).toEqual([
      'a.1 2026-11-10 5-5 equal',
      'a.1 2026-11-11 0-5 differs',
      'a.1 2026-11-12 5-5 equal',
      'a.1 all 10-15 differs',
    ]);
  });

  it('says which workers only one of the two knows', async () => {
    await book([
      { at: '2026-11-01T12:00:00Z', worker: 'a.1', shares: 5 },
      { at: '2026-11-01T12:00:00Z', worker: 'a.2', shares: 6 },
      { at: '2026-11-01T12:00:00Z', worker: 'thief.1', shares: 7, more: { foreign_accounts: 7n } },
      { at: '2026-11-01T12:00:00Z', worker: 'a.idle', shares: 0 },
    ]);
    const { rows, total } = await found(
      'worker,day,shares\na.1,2026-11-01,5\na.3,2026-11-01,9\na.4,2026-11-01,0\n',
    );
    expect(plain(rows.filter(({ day }) => day === undefined))).toEqual([
      'a.1 all 5-5 equal',
      'a.2 all 0-6 differs only ledger',
      'a.3 all 9-0 differs only pool',
      'thief.1 all 0-7 explained foreign_accounts:7 only ledger',
    ]);
    expect(total).toMatchObject({ finding: 'explained', explanations: [{ reason: 'foreign_accounts' }] });
  });

  it('takes no worker for one of two that have its name', async () => {
    await book([
      { at: '2026-11-01T12:00:00Z', worker: 'a.rig', shares: 5 },
      { at: '2026-11-01T12:00:00Z', worker: 'b.rig', shares: 6 },
    ]);
    const file = 'worker,day,shares\nrig,2026-11-01,5\n';
    const { rows, differs } = await found(file);
    expect(differs).toBe(true);
    expect(rows.find(({ name, day }) => name === 'rig' && day === undefined)).toMatchObject({
      only: 'pool',
      couldBe: ['a.rig', 'b.rig'],
    });
    expect((await found(file, { account: 'a' })).differs).toBe(false);
  });

  it('looks at one client or one pool alone, where asked', async () => {
    await book([
      { at: '2026-11-01T12:00:00Z', worker: 'a.1', shares: 1 },
      { at: '2026-11-01T12:00:00Z', worker: 'a.1', shares: 2, pool: 'us:3333' },
      { at: '2026-11-01T12:00:00Z', worker: 'a.1', shares: 4, pool: 'eu:443' },
      { at: '2026-11-01T12:00:00Z', worker: 'a.1', shares: 8, client: 'bolt' },
      { at: '2026-11-01T12:00:00Z', worker: 'a.1', shares: 16, pool: 'europe:3333' },
    ]);
    const ledger = async (options: Partial<ReconciliationOptions>) =>
      Number((await found('worker,day,shares\na.1,2026-11-01,1\n', options)).total.ledger) / 1e8;
    expect(await ledger({})).toBe(31);
    expect(await ledger({ clientId: 'bolt' })).toBe(8);
    expect(await ledger({ pool: 'eu' })).toBe(13);
    expect(await ledger({ pool: 'eu:443' })).toBe(4);
    expect(await ledger({ pool: 'eu', clientId: 'acme' })).toBe(5);
    await expect(ledger({ clientId: 'a\u0000' })).rejects.toMatchObject({ code: 'BAD_QUERY' });
  });

  it('says until when the ledger is complete, where that is before the file ends', async () => {
    const through = Date.parse('2026-11-01T15:00:00Z');
    await database.tables
      .insertInto('journals')
      .values({
        journal_id: JOURNAL_ID,
        instance: 'test',
        created_at: 0n,
        segment: 1n,
        byte_offset: 0n,
        mark: '',
        run: 1n,
        folded_through: BigInt(through),
        stopped: 0n,
        bad_records: 0n,
        orphans: 0n,
        written_off: 0n,
      })
      .execute();
    const file = 'worker,day,shares\na.1,2026-11-01,1\n';
    expect((await found(file)).completeUntil).toBe(through);
    await database.tables.updateTable('journals').set({ stopped: 1n }).execute();
    expect((await found(file)).completeUntil).toBeUndefined();
  });

  it('refuses a file that has nothing of the month', async () => {
    await expect(found('worker,day,shares\na.1,2026-10-01,1\n')).rejects.toThrow(
      'the file has nothing of 2026-11: 1 of its rows are of other months',
    );
  });
}

describe('reconcile', () => {
  describe('with a ledger in SQLite', () => {
    describeReconciliation(async () => openDatabase({ kind: 'sqlite', file: ':memory:' }));
  });

  describeInPostgres('with a ledger in PostgreSQL', (newDatabase) => {
    describeReconciliation(async () => openDatabase({ kind: 'postgres', url: await newDatabase() }));
  });

  it('makes no ledger where there is none', async () => {
    const directory = temporaryDirectory();
    const file = join(directory.path, 'pool.csv');
    writeFileSync(file, 'worker,day,shares\na.1,2026-11-01,1\n');
    const credits = await readPoolFiles({
      ...{ files: [file], days: new PoolDays('2026-11', 0), columns: {}, unit: undefined },
      ...{ spanMs: undefined, decimalComma: false },
    });
    const place = { dataDirectory: join(directory.path, 'data'), databaseUrl: null };
    await expect(reconcile(place, credits, OPTIONS)).rejects.toMatchObject({ code: 'LEDGER_MISSING' });
    directory.remove();
  });
});
