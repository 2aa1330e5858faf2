import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirectoryInUseError } from '../journal/data-lock';
import { comparePositions } from '../journal/segments/segment-files';
import { client, close, open, share } from '../journal/testing/facts';
import { kindsIn } from '../journal/testing/read-journal';
import { PlayableDisk } from '../journal/testing/playable-disk';
import { LedgerMissingError, openLedger } from './open-ledger';
import { Bookkeeping } from './testing/bookkeeping';
import { until } from './testing/until';
import { temporaryDirectory } from './testing/write-journal';

describe('journal and ledger together', () => {
  const directory = temporaryDirectory();
  let books: Bookkeeping | undefined;

  afterEach(async () => {
    await books?.stop();
    books = undefined;
    directory.remove();
  });

  function start(options?: ConstructorParameters<typeof Bookkeeping>[1]): Bookkeeping {
    books = new Bookkeeping(directory.path, options);
    return books;
  }

  function mine({ journal }: Bookkeeping, session: string, shares: number): void {
    journal.append(open(session));
    journal.append(client(session));
    for (let count = 0; count < shares; count += 1) journal.append(share(session));
  }

  async function accepted({ ledger }: Bookkeeping): Promise<string | undefined> {
    const { rows } = await ledger.usage({ groupBy: [] });
    return rows[0]?.accepted;
  }

  it('folds what is appended, soon', async () => {
    const { ledger } = start();
    mine(books!, 's1', 3);
    books!.journal.flush();
    const { written } = books!.journal;
    await until(() => comparePositions(ledger.status?.folded ?? { segment: 0, offset: 0 }, written) === 0);
    expect(ledger.lagSeconds(Date.now())).toBe(0);
    expect(await accepted(books!)).toBe('3');
    expect(ledger.status).toMatchObject({ error: undefined, refused: false, badRecords: 0 });
  });

  it('folds all before it stops, and goes on from there under another name', async () => {
    mine(start({ instance: 'pod-a' }), 's1', 3);
    expect(await books!.stop()).toBe(true);
    mine(start({ instance: 'pod-b' }), 's2', 4);
    expect(await books!.stop()).toBe(true);
    start();
    expect(await accepted(books!)).toBe('7');
    expect(kindsIn(join(directory.path, 'journal')).filter((kind) => kind === 'stop')).toHaveLength(2);
  });

  it('counts on in a journal of its own after the disk was wiped', async () => {
    const id = start().journal.journalId;
    await books!.stop();
    directory.remove();
    expect(start().journal.journalId).not.toBe(id);
  });

  it('keeps a second process out of the data directory', () => {
    start();
    expect(() => new Bookkeeping(directory.path)).toThrow(DataDirectoryInUseError);
  });

  it('has every share once after a disk that was full for a while', async () => {
    const disk = new PlayableDisk();
    start({ files: disk });
    mine(books!, 's1', 3);
    books!.journal.flush();
    disk.room = 100;
    books!.journal.append(share('s1'));
    books!.journal.append(share('s1'));
    books!.journal.flush();
    expect(books!.journal.fault).toBeDefined();
    mine(books!, 's2', 5);
    books!.journal.append(close('s1'));
    disk.room = Infinity;
    expect(await books!.stop()).toBe(true);
    start();
    expect(await accepted(books!)).toBe('10');
  });

  it('answers with an error that can be told apart', async () => {
    const { ledger } = start();
    await expect(ledger.close('2999-01')).rejects.toMatchObject({ code: 'PERIOD_NOT_READY' });
    await expect(ledger.statement('acme', 'January')).rejects.toMatchObject({ code: 'BAD_QUERY' });
    await books!.stop();
    await expect(ledger.usage({ groupBy: [] })).rejects.toMatchObject({ code: 'LEDGER_GONE' });
    books = undefined;
  });

  it('opens the ledger once it can be opened', async () => {
    const file = join(directory.path, 'ledger.db');
    mkdirSync(file, { recursive: true });
    const { ledger } = start();
    mine(books!, 's1', 3);
    await until(() => ledger.status?.error !== undefined);
    expect(ledger.status).toMatchObject({ refused: false });
    await expect(ledger.usage({ groupBy: [] })).rejects.toBeDefined();
    rmSync(file, { recursive: true });
    expect(await books!.stop()).toBe(true);
    start();
    expect(await accepted(books!)).toBe('3');
  });

  it('answers a command beside it, which makes no ledger where there is none', async () => {
    mine(start(), 's1', 3);
    await books!.stop();
    start();
    const place = { dataDirectory: directory.path, databaseUrl: null, rates: null };
    const command = openLedger(place);
    const { rows } = await command.usage({ groupBy: ['client'] });
    expect(rows).toMatchObject([{ client_id: 'acme', accepted: '3' }]);
    await command.stop();
    const elsewhere = join(directory.path, 'nowhere');
    expect(() => openLedger({ ...place, dataDirectory: elsewhere })).toThrow(LedgerMissingError);
    expect(existsSync(elsewhere)).toBe(false);
  });

  it('says so and folds nothing when the ledger has more than the journal', async () => {
    mine(start(), 's1', 3);
    await books!.stop();
    // As after a restore of the journal alone from before.
    rmSync(join(directory.path, 'journal', '0000000001.jsonl'));
    const { ledger } = start();
    mine(books!, 's2', 1);
    await until(() => ledger.status?.error !== undefined);
    expect(ledger.status).toMatchObject({ refused: true });
    expect(await accepted(books!)).toBe('3');
    await books!.stop(50);
    books = undefined;
  });
});
