import { join } from 'node:path';
import fc from 'fast-check';
import { Journal } from '../../journal/journal';
import { prepareJournalDirectory } from '../../journal/journal-directory';
import { JournalReader } from '../../journal/journal-reader';
import { PlayableDisk } from '../../journal/testing/playable-disk';
import { WAITING_LIMITS, type WaitingLimits } from '../../journal/waiting-facts';
import { openDatabase } from '../database/database';
import { Folder } from './folder';
import { migrate } from '../database/migrate';
import { histories, type Run } from '../testing/histories';
import { naiveLedger, type PlainUsage } from '../testing/naive-ledger';
import { readUsage } from '../testing/read-ledger';
import { temporaryDirectory } from '../testing/write-journal';

/** Before a record: how many bytes the disk takes from then on; null as before. */
const rooms = fc.array(
  fc.option(fc.oneof(fc.constant(Infinity), fc.constant(0), fc.nat(600)), { nil: null, freq: 3 }),
  { minLength: 40, maxLength: 160 },
);

describe('a disk that fills up and empties at any time', () => {
  it('changes nothing about what a client is billed for', async () => {
    await holds(WAITING_LIMITS, ([clientId, , pool]) => [clientId, pool]);
  }, 60_000);

  it('changes no sum even when there is no memory for the details', async () => {
    await holds({ sessions: 1, sums: 1, blocks: 1 }, () => []);
  }, 60_000);
});

async function holds(limits: WaitingLimits, groupOf: (key: readonly unknown[]) => unknown[]): Promise<void> {
  await fc.assert(
    fc.asyncProperty(histories, rooms, async (runs, script) => {
      const facts = runs.flat().filter(({ kind }) => kind !== 'sums');
      const usage = await billed(facts, script, limits);
      expect(grouped(usage, groupOf)).toEqual(grouped(naiveLedger([facts]), groupOf));
    }),
    { numRuns: 60 },
  );
}

async function billed(
  facts: Run,
  script: readonly (number | null)[],
  waitingLimits: WaitingLimits,
): Promise<PlainUsage> {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'journal');
  const disk = new PlayableDisk();
  let now = facts[0]?.at ?? 0;
  const start = () => {
    const journal = new Journal(prepareJournalDirectory(path), disk, { now: () => now, waitingLimits });
    journal.start();
    return journal;
  };
  const journal = start();
  for (const [index, fact] of facts.entries()) {
    const room = script[index % script.length] ?? null;
    if (room !== null) disk.room = room;
    if (disk.room === Infinity) journal.tryAgain();
    now = fact.at;
    journal.append(fact);
    journal.flush();
  }
  disk.room = Infinity;
  await journal.close();
  // The next run ends what was left open.
  await start().close();
  try {
    return await folded(path, journal.journalId);
  } finally {
    directory.remove();
  }
}

async function folded(path: string, journalId: string): Promise<PlainUsage> {
  const database = openDatabase({ kind: 'sqlite', file: ':memory:' });
  await migrate(database);
  const reader = new JournalReader(path);
  const folder = new Folder(database, reader, { journalId, instance: 'test' });
  await folder.resume();
  while (await folder.foldBatch(reader.end() ?? { segment: 0, offset: 0 }));
  const usage = await readUsage(database);
  expect(folder.folded).toMatchObject({ badRecords: 0, orphans: 0 });
  reader.close();
  await database.close();
  return usage;
}

function grouped(
  usage: PlainUsage,
  groupOf: (key: readonly unknown[]) => unknown[],
): Record<string, Record<string, bigint>> {
  const groups: Record<string, Record<string, bigint>> = {};
  for (const [key, numbers] of Object.entries(usage)) {
    const group = (groups[JSON.stringify(groupOf(JSON.parse(key) as unknown[]))] ??= {});
    for (const [name, text] of Object.entries(numbers)) group[name] = (group[name] ?? 0n) + BigInt(text);
  }
  return groups;
}
