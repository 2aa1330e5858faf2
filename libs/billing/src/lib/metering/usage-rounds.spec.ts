import { setImmediate as nextTurn } from 'node:timers/promises';
import { collectGarbage } from '../../testing';
import { UsageRounds, type Progressing } from './usage-rounds';

class Visited implements Progressing {
  visits = 0;
  progressed(): void {
    this.visits += 1;
  }
}

describe('UsageRounds', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function started(count: number, intervalMs: number) {
    const sessions = new Set(Array.from({ length: count }, () => new Visited()));
    const rounds = new UsageRounds(sessions, intervalMs);
    rounds.start();
    return { sessions, rounds };
  }

  it.each([1, 3, 1_000])('visits each of %i sessions once in an interval', (count) => {
    const { sessions, rounds } = started(count, 30_000);
    jest.advanceTimersByTime(30_000);
    expect([...sessions].map(({ visits }) => visits)).toEqual(Array(count).fill(1));
    jest.advanceTimersByTime(60_000);
    expect([...sessions].map(({ visits }) => visits)).toEqual(Array(count).fill(3));
    rounds.stop();
  });

  it('never visits more than their share of the interval in one turn', () => {
    const { sessions, rounds } = started(1_200, 30_000);
    jest.advanceTimersByTime(250);
    expect([...sessions].reduce((sum, { visits }) => sum + visits, 0)).toBe(10);
    rounds.stop();
  });

  it('visits a session that came later, and none that left', () => {
    const { sessions, rounds } = started(2, 1_000);
    const [left] = sessions;
    const late = new Visited();
    sessions.delete(left!);
    sessions.add(late);
    jest.advanceTimersByTime(2_000);
    expect(late.visits).toBeGreaterThanOrEqual(1);
    expect(left!.visits).toBe(0);
    rounds.stop();
  });

  it('holds none of the thousands that came and left between two visits', async () => {
    const { sessions, rounds } = started(1, 30_000);
    jest.advanceTimersByTime(30_000);
    const gone: WeakRef<Visited>[] = [];
    for (let n = 0; n < 5_000; n += 1) {
      const session = new Visited();
      gone.push(new WeakRef(session));
      sessions.add(session);
      if (n >= 10) sessions.delete(gone[n - 10]!.deref()!);
    }
    // A reference that was followed holds until the end of the turn.
    await nextTurn();
    collectGarbage();
    expect(gone.filter((session) => session.deref() !== undefined).length).toBeLessThan(50);
    rounds.stop();
  });

  it('does nothing more once it is stopped', () => {
    const { sessions, rounds } = started(5, 1_000);
    rounds.stop();
    jest.advanceTimersByTime(5_000);
    expect([...sessions].map(({ visits }) => visits)).toEqual([0, 0, 0, 0, 0]);
  });
});
