import { collectGarbage } from '../../testing';
import { WorkerTable, type WorkerSort } from './worker-table';

const WORKERS = 20_000;
const CLIENTS = 100;

/** Guards what the table costs a relay that has better things to do: one look holds up bytes for some milliseconds only, which a busy machine may make many. */
describe('a table of 20,000 workers', () => {
  let now = Date.UTC(2026, 10, 1, 12);
  const newTable = () =>
    new WorkerTable({ silentAfterMs: 600_000, forgetAfterMs: 259_200_000 }, undefined, () => now);
  const table = newTable();

  beforeAll(() => {
    fill(table, WORKERS);
    now += 30_000;
  });

  function fill(into: WorkerTable, workers: number): void {
    for (let n = 0; n < workers; n += 1) {
      const client = `client${n % CLIENTS}`;
      const record = into.record(client, `${client}.rig${n}`)!;
      record.joined('bosminer-plus-tuner/0.2.0', now);
      for (let share = 0; share < 3; share += 1)
        record.settled({
          result: { outcome: 'accepted' },
          hashes: 1e12,
          difficulty: 65_536,
          count: 1,
          at: now - share,
        });
    }
  }

  /** The best of several: what the machine does besides is not meant. */
  function milliseconds(act: () => unknown): number {
    const times = Array.from({ length: 7 }, () => {
      const begin = performance.now();
      act();
      return performance.now() - begin;
    });
    return Math.min(...times);
  }

  it('takes about two kilobytes for each', () => {
    const tables: WorkerTable[] = [];
    // What other suites of this process leave behind goes at some time: the one in the middle has none of that.
    const bytesEach = Array.from({ length: 5 }, () => {
      const before = used();
      tables.push(newTable());
      fill(tables.at(-1)!, 4_000);
      return (used() - before) / 4_000;
    }).sort((a, b) => a - b)[2];
    expect(tables).toHaveLength(5);
    expect(bytesEach).toBeGreaterThan(500);
    expect(bytesEach).toBeLessThan(2_600);
  });

  it.each<WorkerSort>(['trouble', 'hashrate', 'name', 'last_share'])(
    'lists a page by %s within half a second',
    (sort) => {
      expect(milliseconds(() => table.page({ sort, offset: 0, limit: 100 }))).toBeLessThan(500);
    },
  );

  it('is found in by a part of the name within half a second', () => {
    expect(
      milliseconds(() => table.page({ sort: 'name', text: 'RIG777', offset: 0, limit: 100 })),
    ).toBeLessThan(500);
  });

  it('counts and adds up all for a snapshot within half a second', () => {
    const look = () => {
      now += 2_000;
      return [table.countsByClient(), table.hashrateByClient()];
    };
    expect(milliseconds(look)).toBeLessThan(500);
  });

  function used(): number {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  }
});
