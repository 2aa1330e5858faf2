import { WorkWindows } from './work-windows';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 10, 1, 12);

describe('WorkWindows', () => {
  /** A share of so many hashes each so often, for a while. */
  function steady(hashes: number, everyMs: number, forMs: number): WorkWindows {
    const windows = new WorkWindows();
    for (let at = START; at < START + forMs; at += everyMs) windows.accepted(hashes, false, at);
    return windows;
  }

  it.each([10, 60])('finds the hashrate over %i minutes within its stated error', (minutes) => {
    const windows = steady(3_000, 3_000, 2 * HOUR);
    const { perSecond, error } = windows.overMinutes(minutes, START, START + 2 * HOUR);
    expect(Math.abs(perSecond - 1_000)).toBeLessThan(1_000 * error!);
    expect(error).toBeCloseTo(1 / Math.sqrt(minutes * 20), 1);
  });

  it('finds it over a day, and over the time since a younger worker was seen first', () => {
    const windows = steady(60_000, 60_000, 6 * HOUR);
    expect(windows.overDay(START, START + 6 * HOUR).perSecond).toBeCloseTo(1_000, 0);
    expect(windows.overDay(0, START + 6 * HOUR).perSecond).toBeLessThan(300);
  });

  it('makes no hashrate without bounds of a first share', () => {
    const windows = new WorkWindows();
    windows.accepted(60_000, false, START);
    expect(windows.overMinutes(10, START, START).perSecond).toBe(1_000);
  });

  it('forgets what is older than its window, also after a long silence', () => {
    const windows = steady(60_000, MINUTE, HOUR);
    expect(windows.overMinutes(10, START, START + HOUR + 11 * MINUTE)).toEqual({ perSecond: 0, error: null });
    expect(windows.overMinutes(60, START, START + 3 * HOUR).perSecond).toBe(0);
    expect(windows.countsOfDay(START + 20 * HOUR).accepted).toBe(60);
    expect(windows.countsOfDay(START + 27 * HOUR).accepted).toBe(0);
  });

  it('counts by outcome', () => {
    const windows = new WorkWindows();
    windows.accepted(1, false, START);
    windows.accepted(1, true, START + MINUTE);
    windows.rejected(START + 2 * MINUTE);
    expect(windows.countsOfDay(START + HOUR)).toEqual({ accepted: 2, rejected: 1, stale: 1 });
  });

  it('loses nothing to a clock that goes back', () => {
    const windows = new WorkWindows();
    windows.accepted(60_000, false, START);
    windows.accepted(60_000, false, START - 5 * HOUR);
    expect(windows.countsOfDay(START).accepted).toBe(2);
    expect(windows.overMinutes(10, START, START).perSecond).toBe(2_000);
  });

  it('takes hours back from the ledger once, what it counted itself being part of them', () => {
    const windows = new WorkWindows();
    windows.accepted(100, false, START);
    const hour = (hoursAgo: number, accepted: number) => ({
      ...{ hour: START - hoursAgo * HOUR, accepted, rejected: 0, stale: 0, hashes: accepted * 100 },
    });
    for (const remembered of [hour(0, 4), hour(1, 7), hour(24, 9), hour(25, 1_000)])
      windows.restore(remembered, START);
    expect(windows.countsOfDay(START).accepted).toBe(4 + 7 + 9);
  });
});
