import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { JournalReader } from '../../journal/journal-reader';
import type { JournalRecord } from '../../journal/records/record';
import { closePeriod, PeriodNotReadyError } from '../../statement/close-period';
import { statementFor } from '../../statement/statement';
import { settleUptime } from '../../statement/uptime';
import { usageReport, type UsageRow } from '../../statement/usage-report';
import { verifyMonth } from '../../statement/verify';
import { openDatabase, type LedgerDatabase, type LedgerLocation } from '../database/database';
import { Folder, FoldRefusedError } from '../fold/folder';
import { migrate } from '../database/migrate';
import { MIGRATIONS } from '../database/migrations';
import { histories, type Run } from './histories';
import { naiveLedger } from './naive-ledger';
import { naiveUptime } from './naive-uptime';
import { readUsage } from './read-ledger';
import { JOURNAL_ID, temporaryDirectory, writeJournal, type WrittenJournal } from './write-journal';

const RATES = {
  currency: 'EUR',
  decimals: 2,
  perAcceptedShare: '0.01',
  perTerahash: '0.000001',
  perTerahashDay: '0.05',
  perGibibyte: '1.50',
  perMonth: '9.90',
  clients: { bolt: { perMonth: '5' } },
};
const TABLES = [
  'usage',
  'corrections',
  'sessions',
  'earlier_connections',
  'uptime',
  'journals',
  'periods',
] as const;
const JANUARY = Date.UTC(2026, 0, 1);
const FEBRUARY = Date.UTC(2026, 1, 1);
/** Five minutes after January. */
const SETTLED = FEBRUARY + 300_000;
const MARCH = Date.UTC(2026, 2, 1);

/** What every ledger does, whatever database it lies in. `newLocation` gives an empty one. */
export function describeLedger(newLocation: () => Promise<LedgerLocation>): void {
  const directory = temporaryDirectory();
  let database: LedgerDatabase;

  beforeEach(async () => {
    database = openDatabase(await newLocation());
    await migrate(database);
  });

  afterEach(async () => {
    await database.close();
    directory.remove();
  });

  async function clear(): Promise<void> {
    for (const table of TABLES) await database.tables.deleteFrom(table).execute();
  }

  function write(runs: readonly Run[], name = 'journal', journalId = JOURNAL_ID): WrittenJournal {
    return writeJournal(join(directory.path, name), runs, { journalId });
  }

  async function fold(
    { directory: path, end }: WrittenJournal,
    journalId = JOURNAL_ID,
    batchRecords = 1_000,
  ) {
    const reader = new JournalReader(path);
    const folder = new Folder(database, reader, { journalId, instance: 'test', batchRecords });
    await folder.resume();
    while (await folder.foldBatch(end));
    reader.close();
  }

  it('adds up what happened, in any batches', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 50 }), async (runs, batchRecords) => {
        await clear();
        await fold(write([...runs, []]), JOURNAL_ID, batchRecords);
        expect(await readUsage(database)).toEqual(naiveLedger(runs));
        directory.remove();
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('unites the time of each worker’s sessions, in any batches', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.integer({ min: 1, max: 50 }), async (runs, batchRecords) => {
        await clear();
        await fold(write([...runs, []]), JOURNAL_ID, batchRecords);
        for (const month of ['2026-01', '2026-02']) {
          const ask = () => statementFor(database, { clientId: 'acme', month, rates: null, now: MARCH });
          const open = await ask();
          await settleUptime(database.tables, database.kind, month);
          expect((await ask()).uptime).toEqual(open.uptime);
          const settled = await database.tables
            .selectFrom('uptime')
            .selectAll()
            .where('month', '=', month)
            .execute();
          const times = settled.map((row) => [
            JSON.stringify([row.client_id, row.worker]),
            [Number(row.first_seen), Number(row.connected_ms)],
          ]);
          expect(Object.fromEntries(times)).toEqual(naiveUptime(runs, month));
        }
        directory.remove();
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  describe('uptime', () => {
    const HOUR = 3_600_000;
    const connected = (
      session: string,
      worker: string | null,
      from: number,
      hours: number,
    ): JournalRecord[] => [
      { kind: 'open', session, listener: 'main', pool: 'eu:3333', source: '192.0.2.1', at: from },
      { kind: 'client', session, client_id: 'acme', worker, dialect: 'stratum1', at: from },
      {
        kind: 'usage',
        session,
        worker,
        dialect: 'stratum1',
        bytes_sent: 1,
        bytes_received: 1,
        ms: hours * HOUR,
        at: from + hours * HOUR,
      },
    ];
    const uptime = async (now = FEBRUARY) =>
      (await statementFor(database, { clientId: 'acme', month: '2026-01', rates: null, now })).uptime;

    it('tells that one of two machines was off', async () => {
      const on = connected('s1', 'acme.1', JANUARY, 31 * 24);
      const off = connected('s2', 'acme.2', JANUARY, 1);
      await fold(write([[...on, ...off]]));
      expect(await uptime()).toEqual({
        session_seconds: `${(31 * 24 + 1) * 3600}`,
        connected_seconds: `${(31 * 24 + 1) * 3600}`,
        elapsed_seconds: `${2 * 31 * 24 * 3600}`,
        ratio: '0.500672',
        workers: 2,
      });
    });

    it('counts what a worker had two sessions for once, and from when it was first seen', async () => {
      const late = JANUARY + 30 * 24 * HOUR;
      await fold(
        write([[...connected('s1', 'acme.1', late, 6), ...connected('s2', 'acme.1', late + 3 * HOUR, 6)]]),
      );
      expect(await uptime()).toMatchObject({
        session_seconds: '43200',
        connected_seconds: '32400',
        elapsed_seconds: '86400',
        ratio: '0.375000',
        workers: 1,
      });
      expect(await uptime(late + 9 * HOUR)).toMatchObject({ elapsed_seconds: '32400', ratio: '1.000000' });
    });

    it('takes sessions without a login for no machine, unless none has one', async () => {
      const nameless = connected('s1', null, JANUARY, 1);
      await fold(write([nameless]));
      expect(await uptime(JANUARY + 2 * HOUR)).toMatchObject({ ratio: '0.500000', workers: 1 });
      await fold(write([[...nameless, ...connected('s2', 'acme.1', JANUARY, 2)]]));
      expect(await uptime(JANUARY + 2 * HOUR)).toMatchObject({ ratio: '1.000000', workers: 1 });
    });

    it('goes on where the clock runs a little apart from the time that a session has lasted', async () => {
      const hours = Array.from({ length: 10 }, (_, n) =>
        connected('s1', 'acme.1', JANUARY + n * (HOUR + 20), 1),
      );
      await fold(write([hours.flatMap((records, n) => (n === 0 ? records : records.slice(-1)))]));
      expect(await database.tables.selectFrom('earlier_connections').selectAll().execute()).toEqual([]);
      expect(await uptime(JANUARY + 10 * HOUR + 180)).toMatchObject({
        connected_seconds: '36000.18',
        ratio: '1.000000',
      });
    });

    it('is null where no machine was connected', async () => {
      expect(await uptime()).toMatchObject({ connected_seconds: '0', ratio: null, workers: 0 });
    });

    it('is known of sessions that an older version folded, and stays what it was in months that it closed', async () => {
      const old = openDatabase(await newLocation());
      await migrate(
        old,
        MIGRATIONS.filter(({ version }) => version < 4),
      );
      const row = {
        journal_id: 'j',
        run: 1n,
        listener: 'main',
        pool: 'eu:3333',
        source: '192.0.2.1',
        side: null,
        code: null,
      };
      const numbers = { bytes_sent: 0n, bytes_received: 0n, session_ms: BigInt(2 * HOUR), counted: 1n };
      const who = { client_id: 'acme', worker: 'acme.1', dialect: 'stratum1', closed_at: null };
      const times = { opened_at: BigInt(JANUARY), last_at: BigInt(JANUARY + 3 * HOUR) };
      // What the tables were: without the columns that came later.
      const tables = old.tables as unknown as Kysely<Record<string, object>>;
      await tables
        .insertInto('sessions')
        .values({ ...row, ...numbers, ...who, ...times, session_id: 's1' })
        .execute();
      await tables
        .insertInto('periods')
        .values({ month: '2025-12', closed_at: 0n, rows: 0n, sha256: '', without: '[]', rates: null })
        .execute();
      await migrate(old);
      const month = async (month: string) =>
        (await statementFor(old, { clientId: 'acme', month, rates: null, now: JANUARY + 4 * HOUR })).uptime;
      expect(await month('2026-01')).toMatchObject({
        connected_seconds: '7200',
        elapsed_seconds: '10800',
        workers: 1,
      });
      expect(await month('2025-12')).toEqual({
        session_seconds: '0',
        connected_seconds: '0',
        elapsed_seconds: '2678400',
        ratio: '0.000000',
      });
      await old.close();
    });

    it('stays what it was in a month that was closed before there were workers in it', async () => {
      await fold(
        write([[...connected('s1', 'acme.1', JANUARY, 2), ...connected('s2', 'acme.2', JANUARY, 1)]]),
      );
      await database.tables
        .insertInto('periods')
        .values({
          month: '2026-01',
          closed_at: BigInt(FEBRUARY),
          rows: 2n,
          sha256: '',
          without: '[]',
          rates: null,
          uptime_by: 'hour',
        })
        .execute();
      expect(await uptime()).toEqual({
        session_seconds: '10800',
        connected_seconds: '7200',
        elapsed_seconds: '2678400',
        ratio: '0.002688',
      });
    });
  });

  it.each([1, 4, 24, 31, 131, 626])(
    'adds up %i sessions and workers in one batch, twice',
    async (sessions) => {
      const run = Array.from({ length: sessions }, (_, n) => shares(`s${n}`, `c${n}`, 2, JANUARY)).flat();
      const later = Array.from({ length: sessions }, (_, n) => shares(`t${n}`, `c${n}`, 1, JANUARY)).flat();
      for (const runs of [[run], [run, later]]) {
        await fold(write(runs), JOURNAL_ID, 10_000);
        expect(await readUsage(database)).toEqual(naiveLedger(runs));
      }
      const { rows } = await usageReport(database.tables, { groupBy: ['month'] });
      expect(rows).toMatchObject([{ sessions: `${2 * sessions}`, accepted: `${3 * sessions}` }]);
    },
  );

  it('keeps its schema when it is migrated again, also by many at once', async () => {
    await Promise.all([migrate(database), migrate(database), migrate(database)]);
    expect(await readUsage(database)).toEqual({});
  });

  it('keeps journals apart: two proxies, and one that lost its disk', async () => {
    const run = shares('s1', 'acme', 3, JANUARY);
    const other = '22222222-2222-4333-8444-555555555555';
    await Promise.all([fold(write([run])), fold(write([run], 'other', other), other)]);
    const { rows } = await usageReport(database.tables, { groupBy: ['client'] });
    expect(rows).toMatchObject([{ client_id: 'acme', submits: '6', accepted: '6' }]);
    expect(await database.tables.selectFrom('journals').selectAll().execute()).toHaveLength(2);
  });

  it('refuses two folders of the same journal', async () => {
    const journal = write([shares('s1', 'acme', 30, JANUARY)]);
    const reader = new JournalReader(journal.directory);
    const folders = [1, 2].map(
      () => new Folder(database, reader, { journalId: JOURNAL_ID, instance: 'test', batchRecords: 5 }),
    );
    for (const folder of folders) await folder.resume();
    await folders[0]!.foldBatch(journal.end);
    await expect(folders[1]!.foldBatch(journal.end)).rejects.toThrow(FoldRefusedError);
    reader.close();
  });

  it('refuses a data directory that is an older copy', async () => {
    await fold(write([shares('s1', 'acme', 30, JANUARY)]));
    directory.remove();
    await expect(fold(write([shares('s1', 'acme', 3, JANUARY)]))).rejects.toThrow(/older copy/);
  });

  it('refuses an older copy also when it was written on beyond what is folded', async () => {
    await fold(write([shares('s1', 'acme', 3, JANUARY)]));
    await database.tables.updateTable('journals').set({ mark: 'another' }).execute();
    const longer = write([shares('s1', 'acme', 30, JANUARY)]);
    await expect(fold(longer)).rejects.toThrow(/written on/);
  });

  it('folds again what an older copy of the ledger does not have, and refuses what is gone', async () => {
    const journal = write([shares('s1', 'acme', 3, JANUARY), shares('s2', 'acme', 4, JANUARY)]);
    await fold(journal);
    await emptyAgain();
    await fold(journal);
    const { rows } = await usageReport(database.tables, { groupBy: [] });
    expect(rows).toMatchObject([{ submits: '7' }]);
    await emptyAgain();
    directory.remove();
    const rest = writeJournal(journal.directory, [[], [], shares('s3', 'acme', 1, JANUARY)]);
    rmSync(join(journal.directory, '0000000001.jsonl'));
    await expect(fold(rest)).rejects.toThrow(/the ledger is an older copy/);
  });

  it('refuses to fold over a segment that has disappeared, until somebody says that it is lost', async () => {
    const journal = write(['s1', 's2', 's3'].map((session) => shares(session, 'acme', 3, JANUARY)));
    const gone = join(journal.directory, '0000000002.jsonl');
    rmSync(gone);
    await expect(fold(journal)).rejects.toThrow(FoldRefusedError);
    await expect(fold(journal, JOURNAL_ID, 1)).rejects.toThrow(`put ${gone} back`);
    writeFileSync(gone, '');
    await fold(journal);
    const { rows } = await usageReport(database.tables, { groupBy: [] });
    expect(rows).toMatchObject([{ submits: '6' }]);
  });

  async function emptyAgain(): Promise<void> {
    for (const table of ['usage', 'sessions', 'journals'] as const)
      await database.tables.deleteFrom(table).execute();
  }

  describe('reports', () => {
    beforeEach(async () => {
      await fold(
        write([
          [
            ...shares('s1', 'acme', 3, JANUARY),
            ...shares('s2', 'bolt', 2, JANUARY + 25 * 3_600_000),
            ...shares('s3', 'acme', 5, FEBRUARY),
          ],
        ]),
      );
    });

    it.each([
      [['client'], ['acme 8', 'bolt 2']],
      [
        ['month', 'client'],
        ['2026-01 acme 3', '2026-01 bolt 2', '2026-02 acme 5'],
      ],
      [['day'], ['2026-01-01 3', '2026-01-02 2', '2026-02-01 5']],
      [
        ['hour', 'pool'],
        [
          '2026-01-01T00:00:00Z eu:3333 3',
          '2026-01-02T01:00:00Z eu:3333 2',
          '2026-02-01T00:00:00Z eu:3333 5',
        ],
      ],
      [['worker'], ['acme.1 8', 'bolt.1 2']],
      [[], ['10']],
    ] as const)('groups by %j, and pages give the same', async (groupBy, expected) => {
      const columns = groupBy.map((grouping) => (grouping === 'client' ? 'client_id' : grouping));
      const line = (row: UsageRow) => [...columns.map((column) => row[column]), row.submits].join(' ');
      const { rows } = await usageReport(database.tables, { groupBy });
      expect(rows.map(line)).toEqual(expected);
      const paged: string[] = [];
      for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
        const page = await usageReport(database.tables, {
          groupBy,
          limit: 1,
          ...(cursor === undefined ? {} : { cursor }),
        });
        paged.push(...page.rows.map(line));
        cursor = page.next;
      }
      expect(paged).toEqual(expected);
    });

    it('takes intervals half-open', async () => {
      const { rows } = await usageReport(database.tables, { from: JANUARY, to: FEBRUARY, groupBy: [] });
      expect(rows).toMatchObject([{ submits: '5', accepted_hashes: (5n * 2n ** 70n).toString() }]);
      await expect(usageReport(database.tables, { from: JANUARY + 1, groupBy: [] })).rejects.toThrow(
        /full hour/,
      );
    });

    it('says so where an interval ends before it begins, which would bill nothing', async () => {
      for (const to of [JANUARY, JANUARY - 3_600_000]) {
        await expect(usageReport(database.tables, { from: JANUARY, to, groupBy: [] })).rejects.toThrow(
          'from must come before to',
        );
      }
    });

    it.each(['hour', 'day', 'month', 'client'] as const)(
      'has nothing by %s of times that lie outside of all it knows',
      async (grouping) => {
        const groupBy = [grouping];
        for (const query of [{ from: Date.UTC(2030, 0, 1) }, { to: Date.UTC(2020, 0, 1) }]) {
          expect(await usageReport(database.tables, { ...query, groupBy })).toEqual({ rows: [] });
        }
      },
    );

    it('refuses names that no database can hold', async () => {
      const nul = '\u0000';
      const cursor = Buffer.from(JSON.stringify([nul])).toString('base64url');
      const options = { clientId: nul, month: '2026-01', rates: null, now: FEBRUARY };
      for (const ask of [
        () => usageReport(database.tables, { clientId: nul, groupBy: [] }),
        () => usageReport(database.tables, { cursor, groupBy: ['client'] }),
        () => statementFor(database, options),
      ]) {
        await expect(ask()).rejects.toMatchObject({ code: 'BAD_QUERY' });
      }
    });

    it.each(['0000-01', '0099-12', '2026-00', '2026-13', '26-01'])('knows no month %s', async (month) => {
      const options = { clientId: 'acme', month, rates: null, now: FEBRUARY };
      await expect(statementFor(database, options)).rejects.toThrow('is not a month');
    });

    it('refuses a cursor of another question', async () => {
      const { next } = await usageReport(database.tables, { groupBy: ['client'], limit: 1 });
      const wrong = usageReport(database.tables, {
        groupBy: ['client', 'hour'],
        ...(next === undefined ? {} : { cursor: next }),
      });
      await expect(wrong).rejects.toThrow(/cursor/);
    });

    it('bills a month', async () => {
      const options = { clientId: 'acme', month: '2026-01', rates: RATES, now: FEBRUARY };
      const statement = await statementFor(database, options);
      expect(statement).toMatchObject({
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-02-01T00:00:00.000Z',
        closed: null,
        usage: {
          accepted: '3',
          bytes_sent: '1073741824',
          bytes_received: '1073741824',
          session_seconds: '1.5',
        },
        reject_rate: '0.000000',
        uptime: {
          session_seconds: '1.5',
          connected_seconds: '1.5',
          elapsed_seconds: '2678400',
          ratio: '0.000001',
          workers: 1,
        },
        amounts: {
          currency: 'EUR',
          lines: [
            { item: 'per_accepted_share', quantity: '3', amount: '0.03' },
            // 3 * 2^70 / 10^12 and / 86,400
            { item: 'per_terahash', quantity: '3541774862.15223391', amount: '3541.77' },
            { item: 'per_terahash_day', quantity: '40992.76460824', amount: '2049.64' },
            { item: 'per_gibibyte', quantity: '2.00000000', amount: '3.00' },
            { item: 'per_month', quantity: '1', amount: '9.90' },
          ],
          total: '5604.34',
        },
        total: '5604.34',
      });
    });

    it('bills clients at their own rates', async () => {
      const options = { clientId: 'bolt', month: '2026-01', rates: RATES, now: FEBRUARY };
      const { amounts } = await statementFor(database, options);
      expect(amounts?.lines.at(-1)).toEqual({ item: 'per_month', quantity: '1', rate: '5', amount: '5.00' });
    });

    it('agrees with the journal, and names what was changed by hand', async () => {
      const reader = new JournalReader(join(directory.path, 'journal'));
      const clean = await verifyMonth(database, reader, JOURNAL_ID, '2026-01');
      expect(clean).toMatchObject({ rows: 2, difference_count: 0, damaged_records: 0 });
      await database.tables
        .updateTable('usage')
        .set({ accepted: 99n })
        .where('client_id', '=', 'bolt')
        .execute();
      const { differences } = await verifyMonth(database, reader, JOURNAL_ID, '2026-01');
      expect(differences).toMatchObject([
        { key: { client_id: 'bolt' }, name: 'accepted', journal: '2', ledger: '99' },
      ]);
      reader.close();
    });
  });

  describe('closing a month', () => {
    const january = () => closePeriod(database, { month: '2026-01', rates: RATES, now: FEBRUARY });
    const acme = (month: string) =>
      statementFor(database, { clientId: 'acme', month, rates: RATES, now: MARCH });

    it('refuses before the month is over', async () => {
      await expect(
        closePeriod(database, { rates: RATES, month: '2026-01', now: FEBRUARY - 1 }),
      ).rejects.toThrow(/not over/);
    });

    it('refuses, naming it, while a journal may have more to say', async () => {
      await fold(write([shares('s1', 'acme', 3, JANUARY)]));
      const refusal = (await january().catch((error: unknown) => error)) as PeriodNotReadyError;
      expect(refusal).toBeInstanceOf(PeriodNotReadyError);
      expect(refusal.journals).toEqual([JOURNAL_ID]);
      expect(refusal.message).toContain(JOURNAL_ID);
    });

    it('waits for no journal whose proxy stopped in order, nor for one left out by name', async () => {
      await fold(write([[...shares('s1', 'acme', 3, JANUARY), { kind: 'stop', at: JANUARY + 10_000 }]]));
      expect((await january()).without).toEqual([]);
      const other = '22222222-2222-4333-8444-555555555555';
      await fold(write([shares('s1', 'acme', 3, JANUARY)], 'other', other), other);
      const closed = await closePeriod(database, {
        rates: RATES,
        month: '2026-02',
        without: [other],
        now: MARCH,
      });
      expect(closed.without).toEqual([other]);
      expect(
        (await closePeriod(database, { rates: RATES, month: '2026-03', now: Date.UTC(2026, 3, 1) })).without,
      ).toEqual([]);
    });

    it('gives the same again when it is closed again', async () => {
      await fold(write([[...shares('s1', 'acme', 3, JANUARY), { kind: 'tick', at: SETTLED }]]));
      const closed = await january();
      expect(closed).toMatchObject({ rows: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
      expect(await closePeriod(database, { rates: RATES, month: '2026-01', now: MARCH })).toEqual(closed);
      expect((await acme('2026-01')).closed).toEqual(closed);
    });

    it('has the hash that the recipe in docs/BILLING.md gives for the row that stands there', async () => {
      await fold(write([[...shares('s1', 'acme', 3, JANUARY), { kind: 'tick', at: SETTLED }]]));
      const documented = readFileSync(join(__dirname, '../../../../../../docs/BILLING.md'), 'utf8');
      const [, line = ''] = /```text\n(\["usage",.*\n)```/.exec(documented) ?? [];
      const { sha256 } = await january();
      expect(createHash('sha256').update(line).digest('hex')).toBe(sha256);
      expect(documented).toContain(`\`${sha256}\``);
    });

    it('keeps the rates that it was closed with, and one that had none takes those of now', async () => {
      await fold(write([[...shares('s1', 'acme', 3, JANUARY), { kind: 'tick', at: SETTLED }]]));
      await january();
      await closePeriod(database, { month: '2025-12', rates: null, now: MARCH });
      const now = { clientId: 'acme', rates: { ...RATES, currency: 'USD', perMonth: '99' }, now: MARCH };
      expect(await statementFor(database, { ...now, month: '2026-01' })).toEqual(await acme('2026-01'));
      expect((await statementFor(database, { ...now, month: '2026-01' })).amounts?.currency).toBe('EUR');
      expect((await statementFor(database, { ...now, month: '2026-02' })).total).toBe('99.00');
      expect((await statementFor(database, { ...now, month: '2025-12' })).total).toBe('99.00');
      expect((await statementFor(database, { ...now, rates: null, month: '2026-01' })).total).not.toBeNull();
    });

    it('shows in a verification when rows of a closed month were changed by hand', async () => {
      const journal = write([[...shares('s1', 'acme', 3, JANUARY), { kind: 'tick', at: SETTLED }]]);
      await fold(journal);
      const reader = new JournalReader(journal.directory);
      const holds = async () => (await verifyMonth(database, reader, JOURNAL_ID, '2026-01')).sha256_holds;
      expect(await holds()).toBeNull();
      await january();
      expect(await holds()).toBe(true);
      // Another proxy's row: no segment here tells of it.
      await database.tables.updateTable('usage').set({ journal_id: 'other' }).execute();
      expect(await holds()).toBe(false);
      reader.close();
    });

    it('makes corrections of what comes later, billed in the month that is open', async () => {
      const early = [...shares('s1', 'acme', 3, JANUARY), { kind: 'tick', at: SETTLED } as const];
      await fold(write([early]));
      const closed = await january();
      const before = await acme('2026-01');
      // Among them a clock that is set back over the month's edge.
      await fold(
        write([[...early, ...shares('s2', 'acme', 2, JANUARY), ...shares('s3', 'acme', 1, FEBRUARY)]]),
      );
      expect(await acme('2026-01')).toEqual({ ...before, journals: expect.anything() as never });
      const february = await acme('2026-02');
      expect(february.usage).toMatchObject({ accepted: '1' });
      expect(february.corrections).toMatchObject([{ month: '2026-01', usage: { accepted: '2' } }]);
      const total = february.corrections[0]!.amounts!.total;
      expect(cents(february.total)).toBe(cents(february.amounts?.total) + cents(total));
      expect(february.corrections[0]!.amounts!.lines.map(({ item }) => item)).not.toContain('per_month');
      expect((await closePeriod(database, { rates: RATES, month: '2026-01', now: MARCH })).sha256).toBe(
        closed.sha256,
      );
      const { rows } = await usageReport(database.tables, {
        from: JANUARY,
        to: FEBRUARY,
        groupBy: ['client'],
      });
      expect(rows).toMatchObject([{ accepted: '5' }]);
    });

    it('corrects a session that found its client after the month was closed', async () => {
      const nameless = shares('s1', 'acme', 3, FEBRUARY - 5_000).filter(
        ({ kind }) => kind === 'open' || kind === 'share',
      );
      const tick = { kind: 'tick', at: SETTLED } as const;
      await fold(write([[...nameless, tick]]));
      await january();
      await fold(
        write([
          [
            ...nameless,
            tick,
            {
              kind: 'client',
              session: 's1',
              client_id: 'acme',
              worker: 'acme.1',
              dialect: 'stratum1',
              at: FEBRUARY + 1,
            },
          ],
        ]),
      );
      const [acmes, nobodys] = [
        await acme('2026-02'),
        await statementFor(database, {
          clientId: 'unassigned',
          month: '2026-02',
          rates: null,
          now: MARCH,
        }),
      ];
      expect(acmes.corrections).toMatchObject([
        { month: '2026-01', usage: { accepted: '3', sessions: '1' } },
      ]);
      expect(nobodys.corrections).toMatchObject([{ month: '2026-01', usage: { accepted: '-3' } }]);
      const { rows } = await usageReport(database.tables, { groupBy: ['client'] });
      expect(rows.map(({ client_id, accepted }) => `${client_id} ${accepted}`)).toEqual([
        'acme 3',
        'unassigned 0',
      ]);
    });

    it('loses nothing to any month closed at any time', async () => {
      await fc.assert(
        fc.asyncProperty(
          histories,
          fc.integer({ min: 1, max: 30 }),
          fc.nat(30),
          async (runs, batchRecords, closeAfter) => {
            await clear();
            const journal = write([...runs, []]);
            const reader = new JournalReader(journal.directory);
            const folder = new Folder(database, reader, {
              journalId: JOURNAL_ID,
              instance: 'test',
              batchRecords,
            });
            await folder.resume();
            let more = true;
            for (let batch = 0; more; batch += 1) {
              if (batch === closeAfter)
                await closePeriod(database, {
                  rates: RATES,
                  month: '2026-01',
                  without: [JOURNAL_ID],
                  now: MARCH,
                });
              more = await folder.foldBatch(journal.end);
            }
            expect(await readUsage(database)).toEqual(naiveLedger(runs));
            expect(await verifyMonth(database, reader, JOURNAL_ID, '2026-01')).toMatchObject({
              difference_count: 0,
            });
            reader.close();
            directory.remove();
          },
        ),
        { numRuns: 25 },
      );
    }, 60_000);
  });
}

/** A session of a client with so many accepted shares of 2^70 hashes each, which closes after 1.5 seconds. */
function shares(session: string, clientId: string, count: number, at: number): JournalRecord[] {
  const worker = `${clientId}.1`;
  const dialect = 'stratum1';
  const one = {
    kind: 'share',
    session,
    worker,
    dialect,
    outcome: 'accepted',
    difficulty: '100000000',
    hashes: (2n ** 70n).toString(),
  } as const;
  return [
    { kind: 'open', session, listener: 'main', pool: 'eu:3333', source: '192.0.2.1', at },
    { kind: 'client', session, client_id: clientId, worker, dialect, at },
    ...Array.from({ length: count }, () => ({ ...one, at: at + 1_000 })),
    {
      kind: 'close',
      session,
      worker,
      dialect,
      bytes_sent: 2 ** 30,
      bytes_received: 2 ** 30,
      ms: 1_500,
      side: 'downstream',
      code: 'ENDED',
      at: at + 1_500,
    },
  ];
}

function cents(amount: string | null | undefined): number {
  return Math.round(Number(amount) * 100);
}
