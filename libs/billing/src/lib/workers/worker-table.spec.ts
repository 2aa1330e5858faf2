import { WorkerTable, type WorkerQuery } from './worker-table';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const ALL: WorkerQuery = { sort: 'name', offset: 0, limit: 1_000 };

describe('WorkerTable', () => {
  let now: number;
  let table: WorkerTable;
  beforeEach(() => {
    now = Date.UTC(2026, 10, 1, 12);
    table = new WorkerTable(
      { silentAfterMs: 10 * MINUTE, forgetAfterMs: 72 * HOUR },
      undefined,
      () => now,
      100,
    );
  });

  const joined = (client: string, worker: string) => {
    const record = table.record(client, worker)!;
    record.joined('cgminer/4.12', now);
    return record;
  };
  const share = (record: ReturnType<typeof joined>, hashes = 1e9) =>
    record.settled({ result: { outcome: 'accepted' }, hashes, difficulty: 1, count: 1, at: now });
  const states = (query: Partial<WorkerQuery> = {}) =>
    table.page({ ...ALL, ...query }).workers.map(({ record, state }) => `${record.worker} ${state}`);

  it('tells who mines, who is silent and who is gone', () => {
    share(joined('acme', 'mines'));
    joined('acme', 'never');
    joined('acme', 'left').left(now);
    const quiet = joined('acme', 'quiet');
    share(quiet);
    now += 11 * MINUTE;
    share(table.record('acme', 'mines')!);
    expect(states()).toEqual(['left gone', 'mines mining', 'never silent', 'quiet silent']);
    expect(table.page(ALL).counts).toEqual({ mining: 1, silent: 2, gone: 1 });
  });

  it('gives a slow machine five times what its shares take', () => {
    const slow = joined('acme', 'slow');
    for (let count = 0; count < 4; count += 1) {
      share(slow);
      now += 15 * MINUTE;
    }
    now += 10 * MINUTE;
    expect(states()).toEqual(['slow mining']);
    now += 2 * HOUR;
    expect(states()).toEqual(['slow silent']);
  });

  it('lists by client, state and part of the name, page by page, in the order asked for', () => {
    const fast = joined('acme', 'fast');
    share(fast, 1e12);
    share(joined('acme', 'slow'));
    joined('other', 'slowest');
    expect(states({ sort: 'hashrate' })).toEqual(['fast mining', 'slow mining', 'slowest silent']);
    expect(states({ sort: 'trouble' })).toEqual(['slowest silent', 'fast mining', 'slow mining']);
    expect(states({ clientId: 'acme', text: 'SLOW' })).toEqual(['slow mining']);
    expect(states({ state: 'silent' })).toEqual(['slowest silent']);
    expect(states({ offset: 1, limit: 1 })).toEqual(['slow mining']);
  });

  it('adds up hashrates by client, and not more often than once a second', () => {
    const rate = 2 ** 30;
    const hashes = 60 * rate; // a rate is over a minute at the least
    share(joined('acme', 'a'), hashes);
    share(joined('other', 'a'), 3 * hashes);
    expect(Object.fromEntries(table.hashrateByClient())).toEqual({ acme: rate, other: 3 * rate });
    share(joined('acme', 'b'), hashes);
    now += 999;
    expect(table.hashrateByClient().get('acme')).toBe(rate);
    now += 1;
    expect(table.hashrateByClient().get('acme')).toBe(2 * rate);
  });

  it('forgets whoever has been gone for too long, and nobody who is here', () => {
    joined('acme', 'here');
    joined('acme', 'left').left(now);
    now += 73 * HOUR;
    table.sweep();
    expect(states()).toEqual(['here silent']);
  });

  it('stays within its bound: the oldest that is gone makes room, and nobody who is here', () => {
    joined('acme', 'here');
    for (let count = 0; count < 500; count += 1) joined('acme', `passing ${count}`).left(now);
    expect(table.size).toBe(100);
    expect(table.record('acme', 'here')!.sessions).toBe(1);
    for (let count = 0; count < 500; count += 1) {
      const record = table.record('acme', `staying ${count}`);
      record?.joined(null, now);
    }
    expect(table.size).toBe(100);
    expect(table.record('acme', 'one more')).toBeUndefined();
  });

  it('has those back that the ledger remembers', () => {
    const hour = Math.floor(now / HOUR) * HOUR - 2 * HOUR;
    table.restore([
      {
        ...{ clientId: 'acme', worker: 'off', firstSeenAt: now - 90 * HOUR, lastSeenAt: hour + 30 * MINUTE },
        hours: [{ hour, hashes: 1e12, accepted: 50, rejected: 2, stale: 1 }],
      },
    ]);
    const [{ record, state } = { record: undefined, state: undefined }] = table.page(ALL).workers;
    expect(state).toBe('gone');
    expect(record!.countsOfDay(now)).toEqual({ accepted: 50, rejected: 2, stale: 1 });
    expect(record!.lastShareAt).toBe(hour + 30 * MINUTE);
  });
});
