import type { Browser, Page } from 'playwright-core';
import { describeUnless, type ProxyProcess, say, Stage, until } from '@mining-proxy/e2e-support';
import { findChromium, openBrowser, openSignedIn, show } from './browser';
import { Smoothness, type Waits } from './smoothness';

const TOKEN = 'the-admin-token-of-this-test';
const ACCOUNTS = 10;
const RIGS = 10;
const WORKERS_OF_RIG = 100;
const PAGE = 100;

/** Each of its keys leaves fewer workers than the one before. */
const NEEDLE = '7w42';

/** Far above what is measured: a stall that somebody curses is longer, a busy machine is not. */
const MOST_BLOCKED_MS = 1_000;
const MOST_TO_TABLE_MS = 3_000;

/** As the table is ordered by name: by client, then by worker. */
const WORKERS = Array.from({ length: ACCOUNTS * RIGS * WORKERS_OF_RIG }, (_, n) => {
  const [account, rig] = [Math.floor(n / (RIGS * WORKERS_OF_RIG)), Math.floor(n / WORKERS_OF_RIG) % RIGS];
  const client = `acct${account + 1}`;
  return { client, worker: `${client}.rig${rig + 1}w${(n % WORKERS_OF_RIG) + 1}` };
}).sort((a, b) => compare(a.client, b.client) || compare(a.worker, b.worker));

const chromium = findChromium();

/** Guards the page against stalling: ten thousand workers are what it is meant for. */
describeUnless('missing' in chromium ? chromium.missing : undefined, 'the page with 10,000 workers', () => {
  const stage = new Stage();
  let browser: Browser;
  let proxy: ProxyProcess;
  let page: Page;
  let complaints: string[];
  let smoothness: Smoothness;

  beforeAll(async () => {
    browser = await openBrowser('path' in chromium ? chromium.path : '');
    const pool = await stage.simulatedPool({ fast: true });
    proxy = await stage.proxy({ poolPort: pool.port, proxy: { admin_token: TOKEN, log_level: 'info' } });
    stage.simulatedMiners(proxy.minerPort, {
      accounts: ACCOUNTS,
      'rigs-per-account': RIGS,
      'workers-per-connection': WORKERS_OF_RIG,
      'connect-rate': 50,
      'submits-per-second': 500,
    });
    const headers = { authorization: `Bearer ${TOKEN}` };
    await until(
      'all workers mine',
      async () => {
        const { body } = await proxy.get('/workers?limit=1', headers);
        const { counts } = JSON.parse(body) as { counts: { mining: number } };
        return counts.mining === WORKERS.length;
      },
      90_000,
    );
    ({ page, complaints } = await openSignedIn(browser, `http://127.0.0.1:${proxy.httpPort}`, TOKEN));
    await show(page, 'Workers');
    await page.getByRole('cell', { name: WORKERS[0]!.worker, exact: true }).waitFor();
    smoothness = await Smoothness.watch(page);
  }, 150_000);

  afterAll(async () => {
    await browser.close();
    await stage.clear();
  });

  const shownNames = () => page.locator('tbody tr td:first-child').allInnerTexts();
  const namesFrom = (first: number) => WORKERS.slice(first, first + PAGE).map(({ worker }) => worker);

  it('is filtered at each key', async () => {
    await page.getByLabel('Find').focus();
    const typed = Array.from(NEEDLE, (_, n) => NEEDLE.slice(0, n + 1));
    const erased = [...typed.slice(0, -1).reverse(), ''];
    const waits = await smoothness.during(async () => {
      for (const text of typed) await smoothness.press(text.slice(-1), text, countWith(text));
      expect(await shownNames()).toHaveLength(countWith(NEEDLE));
      for (const text of erased) await smoothness.press('Backspace', text, countWith(text));
    });
    expect(waits.toTable).toHaveLength(2 * NEEDLE.length);
    expect(Math.max(...waits.toTable)).toBeLessThan(MOST_TO_TABLE_MS);
    expectNoStall('10,000 workers, filtered key by key', waits);
  });

  it('is filtered while somebody types', async () => {
    await page.getByLabel('Find').focus();
    const waits = await smoothness.during(async () => {
      await page.keyboard.type(NEEDLE.slice(0, -1), { delay: 60 });
      await smoothness.press(NEEDLE.slice(-1), NEEDLE, countWith(NEEDLE));
    });
    expect(Math.max(...waits.toTable)).toBeLessThan(MOST_TO_TABLE_MS);
    expectNoStall('10,000 workers, filtered while typing', waits);
    await smoothness.during(() => page.getByLabel('Find').fill(''));
  });

  it('is ordered, turned to the next page and scrolled', async () => {
    const waits = await smoothness.during(async () => {
      await page.getByLabel('Order').selectOption('name');
      await until('ordered by name', async () => same(await shownNames(), namesFrom(0)));
      await page.getByRole('button', { name: 'Next' }).click();
      await until('the second page', async () => same(await shownNames(), namesFrom(PAGE)));
    });
    expectNoStall('10,000 workers, ordered and turned', waits);
    const scrolled = await smoothness.during(async () => {
      await page.evaluate('scrollTo(0, 0)');
      await page.mouse.move(300, 300);
      for (let turn = 0; turn < 40; turn += 1) await page.mouse.wheel(0, 300);
      await until('the end is reached', () => page.getByRole('button', { name: 'Next' }).isVisible());
      await until('it has come into view', () =>
        page.evaluate<boolean>(
          'scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 1',
        ),
      );
    });
    expectNoStall('10,000 workers, scrolled', scrolled);
    expect(complaints).toEqual([]);
  });
});

function expectNoStall(what: string, { longestTask, longestFrame, toTable }: Waits): void {
  const keys = toTable.length === 0 ? '' : ` msToTable=${toTable.join(',')}`;
  say(`figure | ${what} | longestTaskMs=${longestTask} longestFrameMs=${longestFrame}${keys}`);
  expect(longestTask).toBeLessThan(MOST_BLOCKED_MS);
}

function countWith(text: string): number {
  return WORKERS.filter(({ client, worker }) => `${client} ${worker}`.includes(text)).length;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
