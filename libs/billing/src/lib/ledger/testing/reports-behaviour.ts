import { join } from 'node:path';
import { client, close, open, share } from '../../journal/testing/facts';
import { JournalReader } from '../../journal/journal-reader';
import type { Fact, JournalRecord } from '../../journal/records/record';
import { blocks } from '../../statement/blocks';
import { history } from '../../statement/history';
import { RememberedWorkers } from '../../statement/remembered-workers';
import { openDatabase, type LedgerDatabase, type LedgerLocation } from '../database/database';
import { migrate } from '../database/migrate';
import { Folder } from '../fold/folder';
import { JOURNAL_ID, temporaryDirectory, writeJournal } from './write-journal';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);

/** What people look at, out of any ledger. `newLocation` gives an empty one. */
export function describeReports(newLocation: () => Promise<LedgerLocation>): void {
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

  const at = (ms: number, ...facts: Fact[]): JournalRecord[] =>
    facts.map((fact) => ({ ...fact, at: START + ms }));

  async function happened(...records: JournalRecord[][]): Promise<void> {
    const { directory: path, end } = writeJournal(join(directory.path, 'journal'), [records.flat()]);
    const reader = new JournalReader(path);
    const folder = new Folder(database, reader, { journalId: JOURNAL_ID, instance: 'test' });
    await folder.resume();
    while (await folder.foldBatch(end));
    reader.close();
  }

  const rejected: Fact = {
    ...{ kind: 'share', session: 's', worker: 'acme.2', dialect: 'stratum1' },
    ...{ outcome: 'rejected', reason: 'stale', difficulty: null, hashes: null },
  };

  describe('history', () => {
    const years = { clientId: 'acme', from: START, to: START + 400 * DAY, step: 'day' } as const;

    it('adds up the shares of each step, across as many months as are asked for', async () => {
      await happened(
        at(HOUR, open('s'), client('s'), share('s'), share('s', 'acme.2'), rejected),
        at(HOUR + 5, share('s')),
        at(3 * HOUR, share('s')),
        // Days on either side of what is read at a time.
        ...[30, 31, 61, 62, 63, 365].map((day) => at(day * DAY + HOUR, share('s', 'acme.3'))),
      );
      const points = await history(database.tables, years);
      const work = 4_294_967_296;
      expect(points[0]).toEqual({ at: START, hashes: 4 * work, accepted: 4, rejected: 1, workers: 2 });
      expect(points.slice(1)).toEqual(
        [30, 31, 61, 62, 63, 365].map((day) => ({
          ...{ at: START + day * DAY, hashes: work, accepted: 1, rejected: 0, workers: 1 },
        })),
      );
    });

    it('begins within a day where it is asked to, and tells of one worker where it is', async () => {
      await happened(
        at(HOUR, open('s'), client('s'), share('s')),
        at(5 * HOUR, share('s'), share('s', 'acme.2')),
        at(35 * DAY, share('s')),
      );
      const later = await history(database.tables, { ...years, from: START + 2 * HOUR });
      expect(later.map(({ at: when, accepted }) => [when, accepted])).toEqual([
        [START, 2],
        [START + 35 * DAY, 1],
      ]);
      const one = await history(database.tables, { ...years, worker: 'acme.2' });
      expect(one.map(({ accepted }) => accepted)).toEqual([1]);
    });

    it.each([
      [{ from: START, to: START }, /from must come before to/],
      [{ from: START + 1, to: START + HOUR }, /full hour/],
      [{ step: 'hour' }, /at most 1100 steps/],
    ] as const)('refuses what cannot be drawn: %j', async (query, message) => {
      await expect(history(database.tables, { ...years, ...query })).rejects.toThrow(message);
    });
  });

  describe('the workers that were seen lately', () => {
    const now = START + 10 * DAY;
    const query = { since: now - 2 * DAY, now, offset: 0, limit: 100 };
    const age = (hours: number) => now - START - hours * HOUR;

    it('are those of sessions and shares since then, with the hours of the last day', async () => {
      await happened(
        at(age(100), open('old'), client('old', 'gone')),
        at(age(90), close('old')),
        at(age(30), open('s'), client('s')),
        at(age(20), share('s')),
        at(age(19), close('s')),
        at(age(3), open('t'), client('t', 'bolt'), share('t', 'bolt.1'), share('t', 'bolt.2')),
      );
      const workers = await new RememberedWorkers().page(database.tables, query);
      expect(workers.map(({ clientId, worker }) => `${clientId} ${worker}`).sort()).toEqual([
        'acme acme.1',
        'bolt bolt.1',
        'bolt bolt.2',
      ]);
      const [acme] = workers.filter(({ clientId }) => clientId === 'acme');
      expect(acme).toMatchObject({ firstSeenAt: now - 30 * HOUR, lastSeenAt: now - 19 * HOUR });
      expect(acme!.hours.map(({ hour, accepted }) => [hour, accepted])).toContainEqual([now - 20 * HOUR, 1]);
    });

    it('come in pages, each of them once', async () => {
      const records = Array.from({ length: 7 }, (_, n) =>
        at(age(1), open(`s${n}`), client(`s${n}`, `c${n}`), share(`s${n}`, `c${n}.1`)),
      );
      await happened(...records);
      const remembered = new RememberedWorkers();
      const names: string[] = [];
      for (let offset = 0; offset < 9; offset += 3) {
        const page = await remembered.page(database.tables, { ...query, offset, limit: 3 });
        names.push(...page.map(({ worker }) => worker));
      }
      expect(names.sort()).toEqual(Array.from({ length: 7 }, (_, n) => `c${n}.1`));
    });
  });

  describe('blocks', () => {
    const block = (n: number, clientId = 'acme', height: number | null = 900_000 + n): Fact => ({
      ...{ kind: 'block', session: 's', client_id: clientId, worker: n === 3 ? null : 'acme.1' },
      ...{ pool: 'eu:3333', job: `j${n}`, hash: String(n).padStart(64, '0'), height, outcome: 'accepted' },
    });

    it('are listed with the newest first, a page at a time, and each once however often it is said', async () => {
      await happened(
        at(0, open('s'), client('s')),
        at(1, block(1), block(1)),
        at(2, block(2, 'bolt', null)),
        // Two in one millisecond are two.
        at(3, block(3), block(4)),
      );
      const first = await blocks(database.tables, { limit: 3 });
      expect(first.blocks.map(({ job, height, worker }) => [job, height, worker])).toEqual([
        ['j4', 900_004, 'acme.1'],
        ['j3', 900_003, null],
        ['j2', null, 'acme.1'],
      ]);
      const rest = await blocks(database.tables, { limit: 3, cursor: first.cursor! });
      expect(rest).toMatchObject({ blocks: [{ job: 'j1', foundAt: START + 1 }], cursor: null });
      const own = await blocks(database.tables, { clientId: 'bolt', limit: 3 });
      expect(own.blocks.map(({ job }) => job)).toEqual(['j2']);
    });

    it('refuses a cursor that it has not given', async () => {
      await expect(blocks(database.tables, { limit: 3, cursor: "1.'" })).rejects.toThrow(/cursor/);
    });
  });
}
