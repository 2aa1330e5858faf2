import { seededRandom } from '../random';
import { ConnectionTerms } from '../dialects/stratum1/connection-terms';
import { DifficultyHistory } from './difficulty-history';
import { announceable } from './job';
import { JobBoard } from './job-board';
import { JobFactory, type JobFactoryOptions } from './job-factory';
import { Vardiff } from './vardiff';

const NOW_MS = 1_700_000_000_000;

function factory(options: Partial<JobFactoryOptions> = {}): JobFactory {
  const random = seededRandom(1);
  return new JobFactory({
    extranonce2Bytes: 4,
    branches: 12,
    jobBytes: 0,
    networkBits: 0x1703a30c,
    random,
    nowMs: () => NOW_MS,
    ...options,
  });
}

describe('DifficultyHistory', () => {
  it('lets an announcement count from the next job', () => {
    const history = new DifficultyHistory(1);
    history.freeze(1);
    history.announce(8);
    expect(history.at(1)).toBe(1);
    history.freeze(2);
    expect([history.at(1), history.at(2)]).toEqual([1, 8]);
  });

  it('freezes a job anew when it is sent again', () => {
    const history = new DifficultyHistory(1);
    history.freeze(5);
    history.announce(2);
    history.freeze(5);
    expect(history.at(5)).toBe(2);
  });

  it('forgets only what no job needs any more', () => {
    const history = new DifficultyHistory(1);
    for (let seq = 1; seq <= 10; seq += 1) {
      history.announce(seq);
      history.freeze(seq);
    }
    history.forget(8);
    expect([history.at(8), history.at(9), history.at(10)]).toEqual([8, 9, 10]);
  });
});

describe('JobBoard', () => {
  it('makes every n-th job a clean one on a new block', () => {
    const board = new JobBoard(factory(), 3);
    const jobs = [board.current, ...Array.from({ length: 6 }, () => board.renew())];
    expect(jobs.map((job) => job.clean)).toEqual([true, false, false, true, false, false, true]);
    expect(jobs[1]?.previous).toEqual(jobs[0]?.previous);
    expect(jobs[3]?.previous).not.toEqual(jobs[0]?.previous);
  });

  it('calls a job stale after a clean one, and unknown when it never was', () => {
    const board = new JobBoard(factory(), 1000);
    const [first, second] = [board.current, board.renew(false)];
    expect([board.find(first.id), board.find(second.id)]).toEqual([first, second]);
    board.renew(true);
    expect([board.find(first.id), board.find(second.id)]).toEqual(['stale', 'stale']);
    expect([board.find('ffff'), board.find('0')]).toEqual(['unknown', 'unknown']);
  });

  it('keeps a bounded number of jobs of one block', () => {
    const board = new JobBoard(factory(), 1e9);
    const first = board.current;
    for (let n = 0; n < 40; n += 1) board.renew();
    expect(board.find(first.id)).toBe('stale');
  });
});

describe('JobFactory', () => {
  it.each([1300, 5000, 37_000])('makes notifies of about %i bytes', (jobBytes) => {
    const job = factory({ jobBytes }).next(true);
    expect(Math.abs(job.line.length - jobBytes)).toBeLessThan(150);
  });

  it('announces the previous hash with its words in reverse order of the printed hash', () => {
    const printed = '00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d';
    const job = factory().next(true);
    const { line } = announceable({ ...job, previous: Buffer.from(printed, 'hex').reverse() });
    expect(line.toString()).toContain('"1f98bd1d765798e673b144b65d38d0a4a8a21adc1e8d68290000000000000000"');
  });

  it('gives newcomers the same job with the clean flag', () => {
    const board = new JobBoard(factory(), 1000);
    const job = board.renew(false);
    expect(job.line.toString()).toContain(',false]');
    expect(job.firstLine.toString()).toBe(job.line.toString().replace(',false]', ',true]'));
  });
});

describe('ConnectionTerms', () => {
  const configure = (terms: ConnectionTerms, params: unknown[]): unknown =>
    JSON.parse(terms.configure({ kind: 'request', id: 1, method: 'mining.configure', params }));
  const fresh = (id = 7) =>
    new ConnectionTerms(id, { extranonce2Bytes: 8, versionMask: 0x1fffe000 }, new DifficultyHistory(1));

  it('agrees on the bits that both sides allow', () => {
    const terms = fresh();
    const params = [['version-rolling'], { 'version-rolling.mask': '00c0ffff' }];
    expect(configure(terms, params)).toMatchObject({
      result: { 'version-rolling': true, 'version-rolling.mask': '00c0e000' },
    });
    expect(terms.versionMask).toBe(0x00c0e000);
  });

  it('takes a minimum difficulty and answers false to what it does not know', () => {
    const terms = fresh();
    const params = [['minimum-difficulty', 'time-travel'], { 'minimum-difficulty.value': 16 }];
    expect(configure(terms, params)).toMatchObject({
      result: { 'minimum-difficulty': true, 'time-travel': false },
    });
    expect(terms.difficulties.current).toBe(16);
  });

  it('gives each connection an extranonce of its own, once', () => {
    const [one, other] = [fresh(1), fresh(2)];
    const subscribe = { kind: 'request', id: 1, method: 'mining.subscribe', params: [] } as const;
    expect(JSON.parse(one.subscribe(subscribe))).toMatchObject({
      result: [expect.anything(), '00000001', 8],
    });
    expect(one.subscribe(subscribe)).toBe(one.subscribe(subscribe));
    other.subscribe(subscribe);
    expect(other.extranonce1).not.toEqual(one.extranonce1);
  });
});

describe('Vardiff', () => {
  const options = { sharesPerMinute: 60, intervalMs: 1000, minDifficulty: 0.25, maxDifficulty: 64 };

  it('leaves a connection alone that is at its rate, or was just looked at', () => {
    const vardiff = new Vardiff(options, 0);
    vardiff.share();
    expect(vardiff.retarget(1, 999)).toBeUndefined();
    expect(vardiff.retarget(1, 1000)).toBeUndefined();
  });

  it('goes up by powers of two, at most eightfold at once', () => {
    const vardiff = new Vardiff(options, 0);
    for (let n = 0; n < 4; n += 1) vardiff.share();
    expect(vardiff.retarget(1, 1000)).toBe(4);
    for (let n = 0; n < 1000; n += 1) vardiff.share();
    expect(vardiff.retarget(4, 2000)).toBe(32);
  });

  it('goes down when no shares come, but stays within its bounds', () => {
    const vardiff = new Vardiff(options, 0);
    expect(vardiff.retarget(1, 10_000)).toBe(0.25);
    expect(vardiff.retarget(0.25, 20_000)).toBeUndefined();
  });
});
