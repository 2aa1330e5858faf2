import * as fc from 'fast-check';
import { TestSession, numbersOf, stratum, sum, testMeters } from '../../testing';

// Each of the first tests is a fault that a comparable program has or had.

const { authorize, granted, line, notify, refused, setDifficulty, submit, subscribe } = stratum;
const HASHES = 2 ** 32;

function loggedIn(meters = testMeters()): TestSession {
  return new TestSession(meters)
    .miner(subscribe(), authorize(2, 'acme.rig'))
    .pool(line({ id: 1, result: [[], '08000002', 4], error: null }), granted(2));
}

describe('the numbers of shares', () => {
  it('count an accepted share once', () => {
    const meters = testMeters();
    const session = loggedIn(meters).miner(submit(4, 'acme.rig')).pool(granted(4));
    expect(session.counts).toMatchObject({ submits: 1, accepted: 1, rejected: 0, unknown: 0, unanswered: 0 });

    session.close();
    expect(sum(meters, (n) => n.counts.accepted)).toBe(1);
  });

  it('count an answer that comes twice once', () => {
    const session = loggedIn().miner(submit(4, 'acme.rig')).pool(granted(4), granted(4));
    expect(session.counts).toMatchObject({ submits: 1, accepted: 1 });
  });

  it('count a null result with an error as rejected and as nothing else', () => {
    const session = loggedIn()
      .miner(submit(4, 'acme.rig'))
      .pool(refused(4, 23, 'Low difficulty share'));
    expect(session.counts).toMatchObject({ submits: 1, accepted: 0, rejected: 1, unknown: 0 });
    expect(session.counts.rejectedFor('low_difficulty')).toBe(1);
    expect(session.counts.rejectedFor('other')).toBe(0);
  });

  it('count no share for the answer to a login, a subscription or any other request', () => {
    const session = loggedIn().miner(line({ id: 5, method: 'mining.extranonce.subscribe', params: [] }));
    session.pool(granted(5)).miner(authorize(6, 'acme.rig2')).pool(granted(6)).pool(granted(77));
    expect(session.counts).toMatchObject({ submits: 0, accepted: 0, rejected: 0, unknown: 0 });
  });

  it('count a share that is unanswered at the close as unanswered, never as accepted', () => {
    const meters = testMeters();
    const session = loggedIn(meters).miner(submit(4, 'acme.rig'), submit(5, 'acme.rig'));
    expect(session.tap.sharesInFlight()).toBe(2);

    session.close();
    expect(numbersOf(meters, 'acme')).toMatchObject({
      sharesInFlight: 0,
      counts: { submits: 2, accepted: 0, unanswered: 2 },
    });
  });

  it('count an answer that nobody can read as unknown', () => {
    const session = loggedIn()
      .miner(submit(4, 'acme.rig'))
      .pool(line({ id: 4, result: 'perhaps', error: null }));
    expect(session.counts).toMatchObject({ submits: 1, accepted: 0, rejected: 0, unknown: 1 });
  });

  it('count work at the difficulty of the job that a share solves, not at the one announced last', () => {
    const session = loggedIn().pool(setDifficulty(8), notify('j1'), setDifficulty(1_024));
    session.miner(submit(4, 'acme.rig', 'j1')).pool(granted(4));
    expect(session.counts).toMatchObject({ acceptedDifficulty: 8, acceptedHashes: 8 * HASHES });

    session.pool(notify('j2')).miner(submit(5, 'acme.rig', 'j2'), submit(6, 'acme.rig', 'j1'));
    session.pool(granted(5), granted(6));
    expect(session.counts).toMatchObject({ acceptedDifficulty: 1_040, acceptedHashes: 1_040 * HASHES });
  });

  it('estimate the hashrate from that work', () => {
    const session = loggedIn().pool(setDifficulty(8), notify('j1'), setDifficulty(1_024));
    session.view.durationMs = 10_000;
    session.miner(submit(4, 'acme.rig', 'j1')).pool(granted(4));
    expect(session.tap.hashrate.perSecond(10_000)).toBeCloseTo((8 * HASHES) / 10, -9);
  });

  it('add no work for a share that is rejected, unknown or unanswered', () => {
    const session = loggedIn().pool(notify('j1'));
    session.miner(submit(4, 'acme.rig'), submit(5, 'acme.rig'), submit(6, 'acme.rig'));
    session.pool(refused(4), line({ id: 5, result: 'perhaps', error: null }));
    session.close();
    expect(session.counts).toMatchObject({ acceptedDifficulty: 0, acceptedHashes: 0 });
  });

  it('count the shares that were accepted as stale among the accepted ones', () => {
    const stale = line({ id: 4, result: true, error: null, message: 'Share accepted (stale)' });
    const session = loggedIn().miner(submit(4, 'acme.rig')).pool(stale);
    expect(session.counts).toMatchObject({ accepted: 1, acceptedStale: 1 });
  });

  it('count jobs, and all messages of the pool that are no answers', () => {
    const session = loggedIn().pool(setDifficulty(8), notify('j1'), notify('j2'));
    expect(session.counts).toMatchObject({ notifications: 3, jobs: 2 });
  });

  // Floating-point sums differ in their last bits with the order, which changes when a session closes; to
  // Prometheus a counter that falls by one bit has started anew, and all of it counts again.
  it('sum work so that closing a session, in whatever order, changes no sum', () => {
    const difficulty = fc.double({ min: 1e-6, max: 1e14, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(difficulty, fc.nat()), { minLength: 2, maxLength: 8 }), (mined) => {
        const meters = testMeters();
        const sessions = mined.map(([value, place]) => ({ place, session: solved(meters, value) }));
        const work = () => {
          const { acceptedHashes, acceptedDifficulty } = numbersOf(meters, 'acme')!.counts;
          return [acceptedHashes, acceptedDifficulty];
        };
        const before = work();
        for (const { session } of sessions.sort((a, b) => a.place - b.place)) {
          session.close();
          expect(work()).toEqual(before);
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** A session with one accepted share of this difficulty. */
function solved(meters: ReturnType<typeof testMeters>, difficulty: number): TestSession {
  const session = loggedIn(meters).pool(setDifficulty(difficulty), notify('j'));
  return session.miner(submit(3, 'acme.rig', 'j')).pool(granted(3));
}

describe('what is counted beside shares', () => {
  it('is each line that cannot be read, by direction and reason', () => {
    const meters = testMeters({ inspectionOf: () => ({ maxLineBytes: 200 }) });
    loggedIn(meters)
      .miner('no json\n', `${'x'.repeat(300)}\n`)
      .pool('[1,2]\n');
    expect(meters.totals.unparsedLines).toEqual(
      expect.arrayContaining([
        { labels: { direction: 'to_upstream', reason: 'not_json' }, value: 1 },
        { labels: { direction: 'to_upstream', reason: 'too_long' }, value: 1 },
      ]),
    );
  });

  it('is each request of the pool to connect elsewhere', () => {
    const meters = testMeters();
    expect(meters.totals.reconnectRequests.get('pool.test:3333')).toBe(0);
    loggedIn(meters).pool(line({ id: null, method: 'client.reconnect', params: ['evil.test', 3333] }));
    expect(meters.totals.reconnectRequests.get('pool.test:3333')).toBe(1);
  });

  it('is told of each such request: whose session it is, and where it is sent', () => {
    const meters = testMeters();
    const told: unknown[] = [];
    meters.totals.onReconnectRequest = (request) => told.push(request);
    const reconnect = (params: unknown) => line({ id: null, method: 'client.reconnect', params });
    new TestSession(meters).pool(reconnect([]));
    loggedIn(meters).pool(reconnect(['evil.test', '3334']));
    const of = { sessionId: 's-1', poolHost: 'pool.test:3333' };
    expect(told).toEqual([
      { ...of, clientId: undefined, host: null, port: null },
      { ...of, clientId: 'acme', host: 'evil.test', port: 3334 },
    ]);
  });

  it('is the time of every answered request, and of those that an announcement answers', () => {
    let nowMs = 0;
    const meters = testMeters({ inspectionOf: () => ({ now: () => nowMs }) });
    const histogram = meters.totals.responseSeconds.get('pool.test:3333')!;
    const answers = () => histogram.counts.reduce((total, count) => total + count, 0);
    const session = new TestSession(meters).miner(authorize(1, 'acme.rig'));
    nowMs = 500;
    session.pool(granted(1));
    expect(answers()).toBe(1);
    expect(histogram.counts[histogram.bounds.indexOf(0.5)]).toBe(1);

    session.miner(line({ id: 9, method: 'mining.suggest_difficulty', params: [512] }));
    nowMs = 502;
    session.pool(line({ id: 9, method: 'mining.set_difficulty', params: [512] }));
    expect(answers()).toBe(2);
    expect(histogram.sum).toBeCloseTo(0.502, 9);

    session.pool(granted(99));
    expect(answers()).toBe(2);
  });

  it('is what was not delivered, by direction', () => {
    const meters = testMeters();
    loggedIn(meters).close({ undeliveredToUpstream: 3, undeliveredToDownstream: 5 });
    loggedIn(meters).close({ undeliveredToUpstream: 4 });
    expect(meters.totals.undeliveredBytes).toEqual({ to_upstream: 7, to_downstream: 5 });
  });
});
