import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { temporaryDirectory } from '../ledger/testing/write-journal';
import { ONE } from './measure';
import type { PoolCredits } from './pool-credits';
import { dayText, PoolDays } from './pool-days';
import { readPoolFiles, type PoolFiles } from './read-pool-files';

const HOUR = 3600n;

describe('readPoolFiles', () => {
  const directory = temporaryDirectory();
  let count = 0;
  afterAll(() => directory.remove());

  function file(content: string | Buffer): string {
    count += 1;
    const path = join(directory.path, `file${count}`);
    writeFileSync(path, content);
    return path;
  }

  function read(
    content: string | Buffer | readonly string[],
    options: Partial<PoolFiles> = {},
  ): Promise<PoolCredits> {
    const contents = typeof content === 'string' || Buffer.isBuffer(content) ? [content] : content;
    return readPoolFiles({
      files: contents.map(file),
      days: new PoolDays('2026-11', 0),
      columns: {},
      unit: undefined,
      spanMs: undefined,
      decimalComma: false,
      ...options,
    });
  }

  /** What was read, in whole units. */
  function plain(credits: PoolCredits): Record<string, Record<string, number>> {
    return Object.fromEntries(
      [...credits.names].map((name) => [
        name,
        Object.fromEntries(
          [...credits.of(name)].map(([day, { amount }]) => [
            day < 0 ? 'month' : dayText(day),
            Number(amount) / 1e8,
          ]),
        ),
      ]),
    );
  }

  async function faultsOf(content: string | Buffer | readonly string[], options: Partial<PoolFiles> = {}) {
    const error = await read(content, options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'Error', code: 'BAD_POOL_FILE' });
    return (error as Error).message.replaceAll(/^.*\/(file\d+)(: | )/gm, '').split('\n');
  }

  describe('of a table', () => {
    it.each([
      ['commas', 'Worker,Date,Accepted shares\na.1,2026-11-01,5\na.2,2026-11-02,7\n'],
      ['semicolons', 'Worker;Date;Accepted shares\na.1;2026-11-01;5\na.2;2026-11-02;7\n'],
      ['tabs', 'Worker\tDate\tAccepted shares\na.1\t2026-11-01\t5\na.2\t2026-11-02\t7\n'],
      ['carriage returns', 'Worker,Date,Accepted shares\r\na.1,2026-11-01,5\r\na.2,2026-11-02,7\r\n'],
      ['a byte order mark', '\uFEFFWorker,Date,Accepted shares\na.1,2026-11-01,5\na.2,2026-11-02,7\n'],
      ['no last line break', 'Worker,Date,Accepted shares\na.1,2026-11-01,5\na.2,2026-11-02,7'],
      ['quotes', '"Worker","Date","Accepted shares"\n"a.1","2026-11-01","5"\n"a.2",2026-11-02,"7"\n'],
      [
        'quoted commas in the heading',
        '"Worker";"Date";"Accepted shares";"a,b,c,d"\na.1;2026-11-01;5;\na.2;2026-11-02;7;\n',
      ],
      ['empty rows', 'Worker,Date,Accepted shares\n\na.1,2026-11-01,5\n,,\na.2,2026-11-02,7\n\n'],
      [
        'other headings',
        'ACCEPTED_SHARES,time,sub-account,worker name\n5,2026-11-01,a,1\n7,2026-11-02,a,2\n',
      ],
      [
        'several times of a day',
        'worker,time,shares\na.1,2026-11-01 01:00,2\na.1,2026-11-01 23:59,3\na.2,2026-11-02T00:00:00Z,7\n',
      ],
    ])('takes %s as they come', async (_, text) => {
      expect(plain(await read(text))).toEqual({ 'a.1': { '2026-11-01': 5 }, 'a.2': { '2026-11-02': 7 } });
    });

    it('reads UTF-16, as spreadsheets save it', async () => {
      const text = Buffer.from('\uFEFFworker\tday\tshares\nÜ.1\t2026-11-01\t5\n', 'utf16le');
      expect(plain(await read(text))).toEqual({ 'Ü.1': { '2026-11-01': 5 } });
    });

    it('gives every name back that any quoting can write, across chunks of any file', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(
            fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name.trim() === name),
            {
              minLength: 1,
              maxLength: 8,
            },
          ),
          fc.constantFrom(',', ';', '\t'),
          fc.constantFrom('\n', '\r\n'),
          async (names, delimiter, end) => {
            const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
            const lines = names.map((name, index) =>
              [cell(name), '2026-11-01', String(index + 1)].join(delimiter),
            );
            const text = [['worker', 'day', 'shares'].join(delimiter), ...lines, ''].join(end);
            const credits = await read(Buffer.from(text));
            const expected = names.map((name, index) => [Buffer.from(name).toString(), index + 1]);
            expect([...credits.names].map((name) => [name, plain(credits)[name]?.['2026-11-01']])).toEqual(
              expected,
            );
          },
        ),
        { numRuns: 100 },
      );
    });

    it('takes what the user calls a column, commas and capitals included', async () => {
      const text = 'who,when,"Sum, of work",shares\na.1,2026-11-01,12.5,3\n';
      const columns = { worker: 'WHO', day: 'when', difficulty: 'sum, of work' };
      const credits = await read(text, { columns });
      expect(credits.measure).toBe('difficulty');
      expect(plain(credits)).toEqual({ 'a.1': { '2026-11-01': 12.5 } });
    });

    it('finds a column by its name behind a byte order mark, too', async () => {
      const credits = await read('\uFEFF"who",day,shares\na.1,2026-11-01,3\n', {
        columns: { worker: 'who' },
      });
      expect(plain(credits)).toEqual({ 'a.1': { '2026-11-01': 3 } });
    });

    it('prefers work to a count, and a count to a hashrate', async () => {
      const head = 'worker,day,hashrate,shares,accepted difficulty';
      expect((await read(`${head}\na,2026-11-01,x,3,9\n`)).measure).toBe('difficulty');
    });

    it('has accounts where there are no workers, and all where there is nobody', async () => {
      const accounts = await read('account,day,shares\nacme,2026-11-01,5\n');
      expect([accounts.level, plain(accounts)]).toEqual(['account', { acme: { '2026-11-01': 5 } }]);
      const all = await read('day,shares\n2026-11-01,5\n2026-11-02,6\n');
      expect([all.level, plain(all)]).toEqual(['all', { '': { '2026-11-01': 5, '2026-11-02': 6 } }]);
    });

    it('has the whole month where there are no days', async () => {
      const credits = await read('worker,shares\na.1,5\na.1,6\n');
      expect(plain(credits)).toEqual({ 'a.1': { month: 11 } });
      expect(credits.span).toEqual({ first: credits.days.first, last: credits.days.end - 1 });
    });

    it('leaves out and counts what is of other months, by the days of the pool', async () => {
      const rows = [
        '2026-10-31T15:59:59Z,1',
        '2026-10-31T16:00:00Z,2',
        '2026-12-01 00:00,4',
        '2026-11-30 23:59,8',
      ];
      const times = await read(`worker,time,shares\n${rows.map((row) => `a,${row}\n`).join('')}`, {
        days: new PoolDays('2026-11', 8 * 3_600_000),
      });
      expect(plain(times)).toEqual({ a: { '2026-11-01': 2, '2026-11-30': 8 } });
      expect(times.otherMonths).toBe(2);
    });

    it('counts rows of a name and time that were there before', async () => {
      const text =
        'worker,time,shares\na,2026-11-01 05:00,1\na,2026-11-01 06:00,1\na,2026-11-01 05:00,1\nb,2026-11-01 05:00,1\n';
      const credits = await read(text);
      expect([credits.rows, credits.repeated]).toEqual([4, 1]);
      expect((await read('worker,day,shares\na,2026-11-01,1\na,2026-11-01,1\n')).repeated).toBe(1);
    });

    it.each([
      ['in the heading', 'worker,day,Hashrate (TH/s)\na,2026-11-01,2\n', undefined],
      ['in the cell', 'worker,day,hashrate\na,2026-11-01,2000 GH/s\n', undefined],
      ['in an option', 'worker,day,hashrate\na,2026-11-01,2\n', 10n ** 12n],
    ])('knows the unit of a hashrate %s', async (_, text, unit) => {
      expect((await read(text, { unit })).of('a').values().next().value?.amount).toBe(
        2n * 10n ** 12n * 86_400n * ONE,
      );
    });

    it.each([
      ['an hour', ['2026-11-01 00:00', '2026-11-01 01:00', '2026-11-01 05:00'], 3600],
      ['five minutes', ['2026-11-01 00:00', '2026-11-01 00:05', '2026-11-01 00:10'], 300],
      ['a day', ['2026-11-01 00:00', '2026-11-02 00:00'], 86_400],
    ])('finds that a hashrate holds for %s by the times of its rows', async (_, times, seconds) => {
      const rows = times.map((time) => `a,${time},10`);
      const credits = await read(['worker,time,hashrate (H/s)', ...rows, ''].join('\n'));
      const sum = [...credits.of('a').values()].reduce((all, { amount }) => all + amount, 0n);
      expect(sum).toBe(BigInt(times.length * seconds * 10) * ONE);
    });

    it('knows by how much the numbers of a file may be rounded', async () => {
      const credits = await read('worker,day,hashrate (TH/s)\na,2026-11-01,2.34\n');
      expect([...credits.of('a').values()][0]?.rounding).toBe(10n ** 10n * 86_400n * ONE);
      const shares = await read('worker,day,shares\na,2026-11-01,2\n');
      expect([...shares.of('a').values()][0]?.rounding).toBe(0n);
    });

    it('adds several files up', async () => {
      const parts = [
        'worker,day,shares\na,2026-11-01,2\n',
        'worker;shares;day\nb;4;2026-11-02\na;3;2026-11-01\n',
      ];
      expect(plain(await read(parts))).toEqual({ a: { '2026-11-01': 5 }, b: { '2026-11-02': 4 } });
    });

    it('holds names that are not names', async () => {
      const text = 'worker,day,shares\n__proto__,2026-11-01,5\nconstructor,2026-11-01,6\n';
      const credits = await read(text);
      expect([...credits.names]).toEqual(['__proto__', 'constructor']);
      expect([...credits.of('__proto__').values()]).toMatchObject([{ amount: 5n * ONE }]);
    });

    it.each<[string, string | Buffer | readonly string[], readonly string[], Partial<PoolFiles>?]>([
      ['no file', '', ['has no heading: its first line names the columns']],
      [
        'numbers that are none, and where they stand',
        'worker,day,shares\na,2026-11-01,abc\nb,2026-11-01,-5\nc,2026-11-01,NaN\n\nd,2026-11-01,1e99\ne,2026-11-01,5\nf,2026-11-01,\n',
        [
          'line 2: shares "abc" is no number',
          'line 3: shares "-5" is no number',
          'line 4: shares "NaN" is no number',
          'line 6: shares "1e99" is no number',
          'line 8: shares "" is no number',
        ],
      ],
      [
        'days that are none',
        'worker,day,shares\na,01.11.2026,1\na,2026-11-31,1\n',
        [
          'line 2: day "01.11.2026" is no day or time as in 2026-11-01 or 2026-11-01T05:00:00Z',
          'line 3: day "2026-11-31" is no day or time as in 2026-11-01 or 2026-11-01T05:00:00Z',
        ],
      ],
      [
        'fields that are missing',
        'worker,day,shares\na,2026-11-01\nb,2026-11-01,5,6\n',
        ['line 2: has 2 fields, the heading 3', 'line 3: has 4 fields, the heading 3'],
      ],
      ['nobody', 'worker,day,shares\n,2026-11-01,5\n', ['line 2: worker is empty']],
      [
        'a heading that says nothing',
        'a,b\n1,2\n',
        [
          'line 1: no column is known to be what the pool credits: say --columns with one of difficulty, hashes, shares, hashrate; the file has "a", "b"',
        ],
      ],
      [
        'a column that is not there',
        'worker,day,shares\n',
        ['line 1: no column is called "N"; the file has "worker", "day", "shares"'],
        { columns: { shares: 'N' } },
      ],
      [
        'two columns for one thing',
        'worker,rig,day,shares\na,b,2026-11-01,1\n',
        ['line 1: more than one column is worker: say which with --columns'],
      ],
      [
        'a hashrate without a unit',
        'worker,day,hashrate\na,2026-11-01,5\n',
        ['line 2: hashrate "5" has no unit: say --unit H/s, TH/s or what it is'],
      ],
      [
        'a unit of something else',
        'worker,day,shares\na,2026-11-01,5 TH/s\n',
        ['line 2: shares "5 TH/s" has a unit'],
      ],
      [
        'a comma that may be anything',
        'worker;day;shares\na;2026-11-01;1,500\n',
        ['line 2: shares "1,500" is no number (where commas begin decimals: --decimal-comma)'],
      ],
      [
        'a hashrate of nobody knows how long',
        'worker,time,hashrate (H/s)\na,2026-11-01 05:00,5\n',
        ['it cannot be told how long each hashrate held: say --span hour, day or seconds'],
      ],
      [
        'days that begin elsewhere',
        'worker,time,hashrate (H/s)\na,2026-11-01T08:00:00Z,5\na,2026-11-02T08:00:00Z,5\n',
        [
          "rows are of a day, and one begins at 2026-11-01T08:00:00.000Z: say with --utc-offset where the pool's days begin",
        ],
      ],
      [
        'days and times together',
        'worker,day,shares\na,2026-11-01,1\na,2026-11-01 05:00,1\n',
        ['some rows are of a day and some of a time: give one file for each'],
      ],
      [
        'a quote that is never closed',
        'worker,day,shares\na,2026-11-01,1\n"b,2026-11-01,1\n',
        ['line 3: a quote is never closed: the file is cut off, or has a quote too many'],
      ],
      [
        'a quote where none can be',
        'worker,day,shares\na"b,2026-11-01,1\n',
        ['line 2: is no CSV: a quote stands where none can be'],
      ],
      [
        'what a terminal would obey',
        'worker,day,shares\na,2026-11-01,\u001b[2J\n',
        ['line 2: shares "\uFFFD[2J" is no number'],
      ],
      [
        'files that count other things',
        ['worker,day,shares\na,2026-11-01,1\n', 'worker,day,hashes\na,2026-11-01,1\n'],
        ['line 1: counts hashes by worker, the files before it shares by worker'],
      ],
    ])('says all that is wrong with %s', async (_, text, faults, options = {}) => {
      expect(await faultsOf(text, options)).toEqual(faults);
    });

    it('says the first fifty faults, and how many more there are', async () => {
      const rows = Array.from({ length: 70 }, () => 'a,2026-11-01,x').join('\n');
      const faults = await faultsOf(`worker,day,shares\n${rows}\n`);
      expect(faults).toHaveLength(51);
      expect(faults.at(-1)).toBe('and 20 more');
    });

    it('ends at a row that does not end', async () => {
      const faults = await faultsOf(`worker,day,shares\n"${'x'.repeat(3 * 2 ** 20)}`);
      expect(faults).toEqual([expect.stringContaining('a row is longer than 1048576 bytes')]);
    });

    it('says so where there is no file', async () => {
      const missing = { ...{ columns: {}, unit: undefined, spanMs: undefined, decimalComma: false } };
      await expect(
        readPoolFiles({ files: ['/nowhere.csv'], days: new PoolDays('2026-11', 0), ...missing }),
      ).rejects.toThrow('/nowhere.csv cannot be read: ENOENT');
    });
  });

  describe('of histories of workers', () => {
    const points = (hashrate: unknown, ...times: readonly string[]) =>
      times.map((date_time) => ({ date_time, hashrate, efficiency: 1, est_revenue: 1.8e-6 }));
    const luxor = (workers: object, more: object = {}) =>
      JSON.stringify({
        currency_type: 'BTC',
        hashrate_efficiency_revenue: workers,
        pagination: { page_number: 1, item_count: 1 },
        ...more,
      });

    it('makes hours of hashrate to hashes of the day', async () => {
      const text = luxor({
        'rig-1': points('81314993271967', '2026-11-01T00:00:00.000Z', '2026-11-01T01:00:00.000Z'),
      });
      const credits = await read(text);
      expect([credits.measure, credits.level]).toEqual(['hashrate', 'worker']);
      expect([...credits.of('rig-1').values()]).toEqual([
        expect.objectContaining({ amount: 2n * 81_314_993_271_967n * HOUR * ONE }),
      ]);
    });

    it('believes what the answer says of its steps', async () => {
      const one = { rig: points('1000', '2026-11-01T00:00:00.000Z') };
      const amountOf = async (tick_size: string) =>
        (await read(luxor(one, { tick_size }))).of('rig').values().next().value?.amount;
      expect(await amountOf('1d')).toBe(1000n * 24n * HOUR * ONE);
      expect(await amountOf('1h')).toBe(1000n * HOUR * ONE);
    });

    const hours = points('10', '2026-11-01T00:00:00Z', '2026-11-01T01:00:00Z');
    it.each([
      ['an object of workers', { rig: hours }],
      ['a list of workers', [{ worker_name: 'rig', hashrate_efficiency: hours }]],
      ['a list in the answer', { workers: [{ name: 'rig', data: hours }] }],
      ['the older name of the member', { hashrate_efficiency: { rig: hours } }],
      ['numbers that are not text', { rig: points(10, '2026-11-01T00:00:00Z', '2026-11-01T01:00:00Z') }],
    ])('takes %s', async (_, answer) => {
      expect(plain(await read(JSON.stringify(answer)))).toEqual({ rig: { '2026-11-01': 2 * 3600 * 10 } });
    });

    it('adds pages up, and counts what two of them have', async () => {
      const pages = [luxor({ a: hours }), luxor({ b: hours, a: hours.slice(1) })];
      const credits = await read(pages);
      expect(plain(credits)).toEqual({ a: { '2026-11-01': 108_000 }, b: { '2026-11-01': 72_000 } });
      expect(credits.repeated).toBe(1);
    });

    it('knows a worker called __proto__', async () => {
      const credits = await read(`{"hashrate_efficiency_revenue":{"__proto__":${JSON.stringify(hours)}}}`);
      expect([...credits.names]).toEqual(['__proto__']);
    });

    it.each([
      ['half a file', luxor({ a: hours }).slice(0, -20), ['is no JSON, or is cut off']],
      [
        'no object',
        '[1,2]',
        ['has no workers: neither an object of lists nor a list of workers with their names'],
      ],
      [
        'an answer that is an error',
        '{"error":"unauthorized"}',
        ['has no workers: neither an object of lists nor a list of workers with their names'],
      ],
      ['no list', luxor({ a: 5 }), ['worker "a": has no list of times and hashrates']],
      [
        'numbers that are none',
        luxor({ a: [...points('NaN', '2026-11-01T00:00:00Z'), ...points(-1, 'now'), null, {}] }),
        [
          'worker "a", entry 1: hashrate "NaN" is no number',
          'worker "a", entry 2: date_time "now" is no time',
          'worker "a", entry 2: hashrate "-1" is no number',
          'worker "a", entry 3: date_time "undefined" is no time',
          'worker "a", entry 3: hashrate "undefined" is no number',
          'worker "a", entry 4: date_time "undefined" is no time',
          'worker "a", entry 4: hashrate "undefined" is no number',
        ],
      ],
    ])('says what is wrong with %s', async (_, text, faults) => {
      expect(await faultsOf(text)).toEqual(faults);
    });

    it('says that it is no table where a table was before', async () => {
      expect(await faultsOf(['worker,day,shares\na,2026-11-01,1\n', luxor({ a: hours })])).toEqual([
        'counts hashrate by worker, the files before it shares by worker',
      ]);
    });
  });
});
