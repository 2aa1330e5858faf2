import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Kysely } from 'kysely';
import { JournalReader } from '../../journal/journal-reader';
import type { Fact, JournalRecord } from '../../journal/records/record';
import { client, close, open, share } from '../../journal/testing/facts';
import { openDatabase, type LedgerDatabase, type LedgerLocation } from '../../ledger/database/database';
import { lockedTransaction } from '../../ledger/database/fold-lock';
import { migrate } from '../../ledger/database/migrate';
import { MIGRATIONS } from '../../ledger/database/migrations';
import { Folder } from '../../ledger/fold/folder';
import { histories, type Run } from '../../ledger/testing/histories';
import { until } from '../../ledger/testing/until';
import { JOURNAL_ID, temporaryDirectory, writeJournal } from '../../ledger/testing/write-journal';
import { Turns } from '../../ledger/thread/turns';
import { closePeriod } from '../../statement/close-period';
import { usageReport } from '../../statement/usage-report';
import { BackOff } from '../back-off';
import { Exporter } from '../exporter';
import { claimJournal } from '../senders';
import type { ExportOptions, ExportStatus } from '../export-options';
import { TestReceiver, numbersIn, withoutNothing } from './test-receiver';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const TEN = Date.UTC(2026, 0, 31, 10);
const ELEVEN = TEN + HOUR;
/** Any day that is long past what the journals tell of. */
const LATER = Date.UTC(2026, 5, 1);
const SETTLED = ELEVEN + 5 * MINUTE;
const OTHER_JOURNAL = '99999999-2222-4333-8444-555555555555';
const TABLES = [
  'usage',
  'corrections',
  'sessions',
  'earlier_connections',
  'uptime',
  'journals',
  'periods',
  'export_hours',
  'export_sums',
  'export_events',
  'export_senders',
] as const;

/** What the export does, whatever database the ledger lies in. `newLocation` gives an empty one. */
export function describeExport(newLocation: () => Promise<LedgerLocation>, runs: number): void {
  const directory = temporaryDirectory();
  let database: LedgerDatabase;
  let receiver: TestReceiver;
  let exporters: Exporter[] = [];
  let segments: JournalRecord[][] = [];

  beforeEach(async () => {
    database = openDatabase(await newLocation());
    await migrate(database);
    receiver = new TestReceiver();
    await receiver.listen();
    segments = [];
  });

  afterEach(async () => {
    for (const exporter of exporters) await exporter.stop();
    exporters = [];
    await receiver.close();
    await database.close();
    directory.remove();
  });

  /** Folds what is new in a journal, of the run that was going on or, where asked, of another one. */
  async function fold(records: Run, { journalId = JOURNAL_ID, anew = false } = {}): Promise<void> {
    if (anew || segments.length === 0) segments.push([]);
    segments.at(-1)?.push(...records);
    const journal = writeJournal(join(directory.path, journalId), segments, { journalId });
    const reader = new JournalReader(journal.directory);
    const folder = new Folder(database, reader, { journalId, instance: 'test' });
    await folder.resume();
    while (await folder.foldBatch(journal.end));
    reader.close();
  }

  function start({
    journalId = JOURNAL_ID,
    now = () => LATER,
    backOff = new BackOff(2, 20),
    ...some
  }: Partial<ExportOptions> & { journalId?: string; now?: () => number; backOff?: BackOff } = {}) {
    const seen: { status: ExportStatus | undefined; errors: string[] } = { status: undefined, errors: [] };
    const options = {
      url: receiver.url,
      token: null,
      batchSize: 100,
      intervalMs: 5,
      timeoutMs: 30_000,
      from: 0,
      ...some,
    };
    const exporter = new Exporter(
      {
        ready: () => Promise.resolve(database),
        turns: new Turns(2),
        journalId,
        now,
        changed: (status) => {
          seen.status = status;
          if (status?.error !== undefined) seen.errors.push(status.error);
        },
        backOff,
      },
      options,
    );
    exporters.push(exporter);
    exporter.start();
    return {
      exporter,
      options,
      seen,
      /** Waits until nothing waits. */
      done: () => until(() => seen.status?.waitingSince === null),
    };
  }

  async function exportAll(options?: Parameters<typeof start>[0]): Promise<void> {
    const { exporter, done } = start(options);
    await done();
    await exporter.stop();
  }

  /** What the ledger has, in the shape of the receiver's sums. */
  async function ledgerSums(from?: number) {
    const { rows } = await usageReport(database.tables, {
      groupBy: ['client', 'worker', 'pool', 'hour'],
      limit: 100_000,
      ...(from === undefined ? {} : { from }),
    });
    const sums = rows.map((row) => {
      const { client_id, worker, pool, hour } = row;
      return [JSON.stringify([client_id, worker, pool, hour]), Object.fromEntries(numbersIn(row))] as const;
    });
    return withoutNothing(Object.fromEntries(sums));
  }

  async function expectAllReceived(from?: number): Promise<void> {
    expect(receiver.contradictions).toEqual([]);
    const sums = await ledgerSums(from);
    expect(Object.keys(sums)).not.toEqual([]);
    expect(receiver.sums()).toEqual(sums);
  }

  const at = (time: number, ...facts: Fact[]): JournalRecord[] =>
    facts.map((fact) => ({ ...fact, at: time }));
  /** A proxy that was alive at that time. */
  const aliveAt = (time: number) => at(time, { kind: 'tick' });
  const mined = (session: string, time: number) => at(time, open(session), client(session), share(session));

  it('says in all its events together what the ledger has, however late facts come and whatever the receiver does', async () => {
    const answers = fc.array(fc.constantFrom<(number | 'reset')[]>(204, 500, 503, 429, 'reset'), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(histories, answers, fc.integer({ min: 1, max: 4 }), async (all, script, batchSize) => {
        for (const table of TABLES) await database.tables.deleteFrom(table).execute();
        await receiver.close();
        receiver = new TestReceiver();
        await receiver.listen();
        segments = [];
        let asked = 0;
        receiver.behave = () => script[asked++] ?? 202;
        for (const [index, run] of [...all, []].entries()) {
          await fold(run, { anew: true });
          // Nobody has heard of the journal for long: another process sends what there is, finished or not.
          await exportAll({ journalId: OTHER_JOURNAL, batchSize });
          if (index === 1) {
            const without = [JOURNAL_ID];
            await closePeriod(database, { month: '2026-01', without, rates: null, now: LATER });
          }
        }
        expect(receiver.contradictions).toEqual([]);
        expect(receiver.sums()).toEqual(await ledgerSums());
        directory.remove();
      }),
      { numRuns: runs },
    );
  }, 120_000);

  it('sends an hour once it is over and five minutes more are folded', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(SETTLED - 1)]);
    const { seen, done } = start();
    await done();
    expect(receiver.requests).toEqual([]);
    await fold(aliveAt(SETTLED));
    await until(() => receiver.events.length > 0);
    await until(() => seen.status?.waitingSince === null);
    await expectAllReceived();
    expect(receiver.events).toMatchObject([
      {
        specversion: '1.0',
        type: 'mining.usage.hour.v1',
        subject: 'acme',
        time: '2026-01-31T10:59:59.999Z',
        id: `${JOURNAL_ID}/acme/acme.1/eu:3333/2026-01-31T10:00:00Z`,
        datacontenttype: 'application/json',
        data: {
          client_id: 'acme',
          worker: 'acme.1',
          pool: 'eu:3333',
          hour: '2026-01-31T10:00:00Z',
          part: 1,
          accepted: '1',
          accepted_hashes: '4294967296',
          accepted_difficulty: '1',
          bytes_sent: '0',
        },
      },
    ]);
    expect(receiver.events[0]?.source).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
    expect(receiver.events[0]?.data).not.toHaveProperty('terahash_days');
  });

  it('does not send an hour early because a clock was ahead once', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(LATER)]);
    let now = SETTLED - 1;
    const { done } = start({ now: () => now });
    await done();
    expect(receiver.requests).toEqual([]);
    now = SETTLED;
    await until(() => receiver.events.length > 0);
  });

  it('sends what comes late as an event of its own, also below zero', async () => {
    const bytes = { kind: 'usage', worker: null, dialect: 'stratum1', bytes_received: 5, ms: 0 } as const;
    await fold([
      ...at(TEN, open('s1'), { ...bytes, session: 's1', bytes_sent: 7 }, open('s2'), share('s2')),
      ...aliveAt(SETTLED),
    ]);
    await exportAll();
    await expectAllReceived();
    const before = receiver.events.length;
    await fold([...at(SETTLED + 1, client('s1')), ...at(TEN + 1, share('s2')), ...aliveAt(SETTLED + 2)]);
    await exportAll();
    await expectAllReceived();
    const late = receiver.events.slice(before);
    expect(late.map(({ id, data }) => [id.split('/').slice(1), data.bytes_sent, data.submits])).toEqual([
      [['acme', 'acme.1', 'eu:3333', '2026-01-31T10:00:00Z'], '7', '0'],
      [['unassigned', '', 'eu:3333', '2026-01-31T10:00:00Z', '2'], '-7', '0'],
      [['unassigned', 'acme.1', 'eu:3333', '2026-01-31T10:00:00Z', '2'], '0', '1'],
    ]);
  });

  it('takes back all that was sent of a client that has nothing left', async () => {
    await fold([...at(TEN, open('s1'), share('s1', null)), ...aliveAt(SETTLED)]);
    await exportAll();
    await fold([...at(SETTLED + 1, client('s1')), ...aliveAt(SETTLED + 2)]);
    await exportAll();
    await expectAllReceived();
    expect(receiver.events.map(({ subject, data }) => [subject, data.submits])).toEqual([
      ['unassigned', '1'],
      ['acme', '1'],
      ['unassigned', '-1'],
    ]);
  });

  it('sends usage of a closed month that became known later', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(LATER)]);
    await exportAll();
    await closePeriod(database, { month: '2026-01', rates: null, now: LATER });
    await fold([...mined('s2', TEN + 1), ...aliveAt(LATER)]);
    await exportAll();
    await expectAllReceived();
    expect(receiver.events.map(({ data }) => data.accepted)).toEqual(['1', '1']);
  });

  it.each([
    ['answers with an error', 500],
    ['has no time', 429],
    ['takes it and breaks off', 'reset'],
  ] as const)('sends the same again to a receiver that %s', async (_, behaviour) => {
    await fold([...mined('s1', TEN), ...aliveAt(SETTLED)]);
    receiver.behave = () => (receiver.requests.length < 4 ? behaviour : 200);
    const { seen, done } = start();
    await done();
    expect(receiver.requests).toHaveLength(4);
    expect(new Set(receiver.requests.map(({ ids }) => ids.join())).size).toBe(1);
    expect(seen.errors.length).toBeGreaterThan(0);
    expect(seen.status).toMatchObject({ error: undefined, refused: false });
    await expectAllReceived();
  });

  it('sends the same again to a receiver that takes it and answers too late', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(SETTLED)]);
    receiver.behave = () => (receiver.requests.length < 3 ? 'hang' : 204);
    const { seen, done } = start({ timeoutMs: 50 });
    await done();
    expect(receiver.requests).toHaveLength(3);
    expect(seen.errors).toContain('the receiver does not answer within 50 ms');
    await expectAllReceived();
  });

  it('sends all once a receiver is there again that was away for days', async () => {
    await receiver.close();
    for (let hour = 0; hour < 72; hour += 1) await fold(mined(`s${hour}`, TEN + hour * HOUR));
    await fold(aliveAt(TEN + 73 * HOUR));
    const { seen, done } = start();
    await until(() => seen.errors.length > 0);
    expect(seen.status?.error).toContain('ECONNREFUSED');
    expect(seen.status?.waitingSince).toBe(ELEVEN);
    // The next hour is not made into events before the last one is gone.
    const waiting = await database.tables.selectFrom('export_events').select('hour').execute();
    expect(waiting).toEqual([{ hour: BigInt(TEN) }]);
    await receiver.listen();
    await done();
    await expectAllReceived();
    expect(receiver.events).toHaveLength(72);
  }, 30_000);

  it('sends the very same after it was killed while the receiver had it', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(SETTLED)]);
    receiver.behave = () => 'hang';
    const { exporter } = start();
    await until(() => receiver.requests.length > 0);
    await exporter.stop();
    // What has come meanwhile is an event of its own.
    await fold([...mined('s2', TEN + 1), ...aliveAt(SETTLED + 1)]);
    receiver.behave = () => 204;
    await exportAll();
    await expectAllReceived();
    const [first, ...others] = receiver.requests.flatMap(({ ids }) => ids);
    expect(others).toEqual([first, `${first}/2`]);
  });

  it('drops nothing that the receiver refuses, says so, and goes on when it is configured anew', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(SETTLED)]);
    receiver.behave = ({ authorization }) => (authorization === 'Bearer right' ? 204 : 401);
    const { seen, exporter, options, done } = start({ token: 'wrong', backOff: new BackOff(60_000, 60_000) });
    await until(() => seen.errors.length > 0);
    expect(seen.status).toEqual({
      waitingSince: ELEVEN,
      error: 'the receiver answers 401',
      refused: true,
    });
    exporter.configure({ ...options, token: 'right' });
    await done();
    await expectAllReceived();
  });

  it('follows no redirect, which would take the token elsewhere', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(SETTLED)]);
    receiver.behave = () => 308;
    const { seen } = start({ token: 'secret' });
    await until(() => receiver.requests.length > 2);
    expect(seen.status).toMatchObject({ refused: true });
    expect(receiver.events).toEqual([]);
  });

  it('sends batches, or each event alone', async () => {
    const shares = Array.from({ length: 5 }, (_, index) => share('s1', `acme.${index}`));
    await fold([...at(TEN, open('s1'), client('s1'), ...shares), ...aliveAt(SETTLED)]);
    await exportAll({ batchSize: 2, token: 'secret' });
    expect(receiver.requests.map(({ ids }) => ids.length)).toEqual([2, 2, 1]);
    for (const request of receiver.requests) {
      expect(request).toMatchObject({
        contentType: 'application/cloudevents-batch+json',
        isBatch: true,
        authorization: 'Bearer secret',
      });
    }
    await fold([...at(TEN, ...shares), ...aliveAt(SETTLED)]);
    await exportAll({ batchSize: 1 });
    const alone = receiver.requests.slice(3);
    expect(alone.map(({ ids }) => ids.length)).toEqual([1, 1, 1, 1, 1]);
    for (const request of alone) {
      expect(request).toMatchObject({
        contentType: 'application/cloudevents+json',
        isBatch: false,
        authorization: undefined,
      });
    }
    await expectAllReceived();
  });

  it('has the events of more workers in an hour than it looks at in one go', async () => {
    const shares = Array.from({ length: 1_200 }, (_, index) => share('s1', `acme.${index}`));
    await fold([...at(TEN, open('s1'), client('s1'), ...shares), ...aliveAt(SETTLED)]);
    await exportAll({ batchSize: 400 });
    await expectAllReceived();
    expect(new Set(receiver.events.map(({ data }) => data.worker)).size).toBe(1_200);
  });

  it('sends what a fold changes while events of its hour are being made', async () => {
    const shares = Array.from({ length: 1_200 }, (_, index) => share('s1', `acme.${index}`));
    await fold([...at(TEN, open('s1'), client('s1'), ...shares), ...aliveAt(SETTLED)]);
    receiver.behave = async () => {
      // The first page is made, and was sent to here; the last one is not.
      if (receiver.requests.length === 1) await fold(at(TEN, share('s1', 'acme.0'), share('s1', 'acme.999')));
      return 204;
    };
    await exportAll({ batchSize: 500 });
    await expectAllReceived();
    expect(receiver.events.filter(({ id }) => id.endsWith('/2'))).toHaveLength(1);
  });

  it('adds up while the ledger is folded beside it', async () => {
    const [all = []] = fc
      .sample(histories, { numRuns: 50, seed: 7 })
      .sort((a, b) => b.flat().length - a.flat().length);
    const { exporter } = start({ journalId: OTHER_JOURNAL, intervalMs: 1, batchSize: 2 });
    for (const run of all) {
      // A few facts at a time, each a transaction between those of the export.
      for (let at = 0; at < run.length; at += 5) {
        await fold(run.slice(at, at + 5), { anew: at === 0 });
        // SQLite answers at once: the export would have no turn.
        for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      }
    }
    await exporter.stop();
    await exportAll({ journalId: OTHER_JOURNAL });
    await expectAllReceived();
    expect(receiver.events.some(({ data }) => Number(data.part) > 1)).toBe(true);
  }, 30_000);

  it('sends what a ledger has had before there was an export', async () => {
    const old = openDatabase(await newLocation());
    const before = MIGRATIONS.findIndex(({ name }) => name === 'usage export');
    await migrate(old, MIGRATIONS.slice(0, before));
    const key = { journal_id: OTHER_JOURNAL, session_id: '', client_id: 'acme', worker: 'w', pool: 'eu:1' };
    const tables = old.tables as unknown as Kysely<Record<string, object>>;
    const row = { ...key, dialect: 'none', hour: BigInt(TEN) };
    await tables
      .insertInto('usage')
      .values({ ...row, accepted: 3n })
      .execute();
    await tables
      .insertInto('corrections')
      .values({ ...row, accepted: 4n, booked_month: '2026-02' })
      .execute();
    const journal = { journal_id: OTHER_JOURNAL, instance: '', mark: '', folded_through: BigInt(SETTLED) };
    const zeros = [
      'created_at',
      'segment',
      'byte_offset',
      'run',
      'stopped',
      'bad_records',
      'orphans',
      'written_off',
    ];
    await tables
      .insertInto('journals')
      .values({ ...journal, ...Object.fromEntries(zeros.map((name) => [name, 0n])) })
      .execute();
    await migrate(old);
    await database.close();
    database = old;
    await exportAll();
    await expectAllReceived();
    expect(receiver.events).toMatchObject([{ subject: 'acme', data: { accepted: '7' } }]);
  });

  it('leaves out what was before the first hour to be sent', async () => {
    await fold([...mined('s1', TEN), ...mined('s2', ELEVEN), ...aliveAt(SETTLED + HOUR)]);
    await exportAll({ from: ELEVEN });
    await expectAllReceived(ELEVEN);
  });

  it('leaves the journal of another proxy to that one, as long as it is alive', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(SETTLED)]);
    segments = [];
    await fold([...mined('t1', TEN), ...aliveAt(SETTLED)], { journalId: OTHER_JOURNAL });
    await exportAll({ now: () => SETTLED });
    expect(receiver.events.map(({ data }) => data.journal_id)).toEqual([JOURNAL_ID]);
    await exportAll({ now: () => SETTLED, journalId: OTHER_JOURNAL });
    await expectAllReceived();
    expect(receiver.events).toHaveLength(2);
  });

  it('sends for a journal whose proxy is gone, one process at a time, and no more once it is back', async () => {
    await fold([...mined('s1', TEN), ...at(TEN + 1, close('s1', 10, 0))]);
    const gone = () => TEN + 2 * HOUR + 1;
    receiver.behave = () => 'hang';
    const [one, two] = ['one', 'two'].map((journalId) => start({ journalId, now: gone }));
    await until(() => receiver.requests.length > 0);
    await two!.done();
    expect(receiver.requests).toHaveLength(1);
    await one!.exporter.stop();
    await two!.exporter.stop();
    receiver.behave = () => 204;
    await fold(aliveAt(gone()));
    await exportAll({ now: gone });
    await expectAllReceived();
    expect(new Set(receiver.requests.flatMap(({ ids }) => ids)).size).toBe(1);
  });

  it('gives a journal to one process for a while, and at once to the one that writes it', async () => {
    const claim = (sender: string, now: number) =>
      lockedTransaction(database.tables).execute((step) => claimJournal(step, JOURNAL_ID, sender, now));
    expect(await claim('one', LATER)).toBe(true);
    expect(await claim('two', LATER + 10 * MINUTE)).toBe(false);
    expect(await claim('one', LATER + 5 * MINUTE)).toBe(true);
    expect(await claim('two', LATER + 15 * MINUTE)).toBe(false);
    expect(await claim('two', LATER + 15 * MINUTE + 1)).toBe(true);
    expect(await claim(JOURNAL_ID, LATER + 16 * MINUTE)).toBe(true);
    expect(await claim('two', LATER + 16 * MINUTE)).toBe(false);
  });

  it('counts the wait of what comes late from when it came', async () => {
    await fold([...mined('s1', TEN), ...aliveAt(LATER)]);
    await exportAll();
    await fold([...mined('s2', TEN + 1), ...aliveAt(LATER + 5)]);
    receiver.behave = () => 500;
    const { seen } = start({ now: () => LATER + 10 });
    await until(() => seen.errors.length > 0);
    expect(seen.status?.waitingSince).toBe(LATER + 5);
  });

  it('sends nothing any more once it is off, and says so', async () => {
    const { exporter, seen, done } = start();
    await done();
    exporter.configure(null);
    await until(() => seen.status === undefined);
    await fold([...mined('s1', TEN), ...aliveAt(SETTLED)]);
    await exporter.stop();
    expect(receiver.requests).toEqual([]);
  });
}
