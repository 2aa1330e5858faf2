import type { Page } from 'playwright-core';
import { within } from '@mining-proxy/e2e-support';

/** What somebody at the page has had to wait for. Milliseconds. */
export interface Waits {
  /** The longest that the page did nothing but one thing, by the browser's own account; 0 where none was over its 50 ms. */
  readonly longestTask: number;
  /** The longest between two frames. */
  readonly longestFrame: number;
  /** From each key press to the table that it asks for. */
  readonly toTable: readonly number[];
}

/**
 * Runs in the page. A table is the one asked for when its button counts as many as were expected and each of its rows
 * holds the text.
 */
const WATCH = `(() => {
  const state = { tasks: [], frames: [], toTable: [], wanted: undefined, arrived: undefined };
  state.expect = (wanted) => (state.arrived = new Promise((arrived) => (state.wanted = { ...wanted, arrived })));
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) state.tasks.push(duration);
  }).observe({ type: 'longtask' });
  const isThere = ({ text, all }) => {
    const button = document.querySelector('[aria-label=State] button');
    if (button?.textContent.replace(/\\D/g, '') !== String(all)) return false;
    const rows = [...document.querySelectorAll('tbody tr')];
    return rows.length > 0 && rows.every((row) => row.cells[0].textContent.includes(text));
  };
  let last = performance.now();
  const frame = () => {
    const now = performance.now();
    state.frames.push(now - last);
    last = now;
    const { wanted } = state;
    if (wanted?.since !== undefined && isThere(wanted)) {
      state.toTable.push(now - wanted.since);
      state.wanted = undefined;
      wanted.arrived();
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  addEventListener('keydown', ({ timeStamp }) => {
    if (state.wanted) state.wanted.since ??= timeStamp;
  }, true);
  window.smoothness = state;
})()`;

/** Looks on while somebody uses the page. */
export class Smoothness {
  private constructor(private readonly page: Page) {}

  static async watch(page: Page): Promise<Smoothness> {
    await page.evaluate(WATCH);
    return new Smoothness(page);
  }

  /** Forgets what was before, and returns what `act` made somebody wait for. */
  async during(act: () => Promise<void>): Promise<Waits> {
    await this.page.evaluate('smoothness.tasks = [], smoothness.frames = [], smoothness.toTable = []');
    await act();
    // A long task is told of after its end.
    await this.page.evaluate('new Promise((told) => setTimeout(told, 100))');
    return this.page.evaluate<Waits>(`({
      longestTask: Math.round(Math.max(0, ...smoothness.tasks)),
      longestFrame: Math.round(Math.max(...smoothness.frames)),
      toTable: smoothness.toTable.map(Math.round),
    })`);
  }

  /** Presses the key, and waits for the table of those whose names hold the text, which are `all`. */
  async press(key: string, text: string, all: number): Promise<void> {
    await this.page.evaluate(`void smoothness.expect(${JSON.stringify({ text, all })})`);
    await this.page.keyboard.press(key);
    await within(`the table of ${all} with '${text}'`, this.page.evaluate('smoothness.arrived'));
  }
}
