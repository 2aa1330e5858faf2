import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import {
  describeUnless,
  eventually,
  type ProxyProcess,
  say,
  type SimulatedMiners,
  type SimulatedPool,
  Stage,
  until,
} from '@mining-proxy/e2e-support';
import { findChromium, openBrowser, openPage, openSignedIn, show } from './browser';

const TOKEN = 'the-admin-token-of-this-test';
const VIEW_TOKEN = 'the-view-token-of-this-test';
const PICTURES = resolve(__dirname, '../../../tmp/console');
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const HEALTH = { interval_ms: 200, timeout_ms: 1_000, fall: 2, rise: 2 };

const chromium = findChromium();

interface Block {
  readonly hash: string;
  readonly worker: string;
}

/** Guards what people look at, in the browser that they look at it with. */
describeUnless('missing' in chromium ? chromium.missing : undefined, 'the page', () => {
  const stage = new Stage();
  let browser: Browser;
  let pools: SimulatedPool[];
  let proxy: ProxyProcess;
  let miners: SimulatedMiners;
  let origin: string;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    browser = await openBrowser('path' in chromium ? chromium.path : '');
    pools = [
      // One of four shares is a block.
      await stage.simulatedPool({ difficulty: 1e-7, 'network-bits': '1f262579' }),
      await stage.simulatedPool({ difficulty: 1e-7 }),
    ];
    const [first, second] = pools;
    proxy = await stage.proxy({
      poolPort: first!.port,
      pools: [
        { name: 'main', host: '127.0.0.1', port: first!.port, health: HEALTH },
        { name: 'spare', host: '127.0.0.1', port: second!.port, priority: 1, health: HEALTH },
      ],
      failover: { failover_spread_ms: 200 },
      proxy: { admin_token: TOKEN, log_level: 'info' },
      clients: [{ client_id: 'acme', name: 'Acme Mining', workers: ['acct1.*'], view_token: VIEW_TOKEN }],
      billing: { operator_name: 'Hosting Example' },
    });
    origin = `http://127.0.0.1:${proxy.httpPort}`;
    miners = stage.simulatedMiners(proxy.minerPort, {
      accounts: 3,
      'rigs-per-account': 4,
      'submits-per-second': 60,
      'duplicate-rate': 0.1,
      'reconnect-delay-ms': 100,
    });
    await until('all mine', async () => {
      const page = await workers();
      return page.counts.mining === 12 && page.workers.every(({ accepted_24h }) => accepted_24h > 5);
    });
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await miners.stop();
    await stage.clear();
  });

  const authorization = { authorization: `Bearer ${TOKEN}` };
  async function workers() {
    const { body } = await proxy.get('/workers?limit=1000', authorization);
    return JSON.parse(body) as {
      counts: Record<string, number>;
      workers: { worker: string; accepted_24h: number }[];
    };
  }

  const signedIn = (token = TOKEN, options?: Parameters<typeof openPage>[2]) =>
    openSignedIn(browser, origin, token, options);
  const text = (page: Page) => page.locator('main').innerText();

  it('asks for the token once, and signs out', async () => {
    const { page, complaints } = await openPage(browser, origin);
    await page.getByLabel('Token').fill('a wrong token of sixteen or more');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Token').fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.getByText('live').waitFor();
    await page.reload();
    await page.getByText('live').waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('shows the numbers of the API in each view', async () => {
    const { page, complaints } = await signedIn();
    await eventually(async () => expect(await text(page)).toMatch(/Workers mining\s+12\s+0 silent, 0 gone/));
    await eventually(async () =>
      expect(await text(page)).toMatch(/Valid by their hash\s+[\d.]+ %\s+of [\d,]+ that were checked/),
    );
    await show(page, 'Clients');
    for (const client of ['acme', 'acct2', 'acct3']) expect(await text(page)).toContain(client);
    await show(page, 'Workers');
    await page.getByRole('cell', { name: 'acct1.rig1', exact: true }).waitFor();
    expect(await page.getByRole('row').count()).toBe(13);
    await page.getByLabel('Find').fill('RIG2');
    await eventually(async () => expect(await page.getByRole('row').count()).toBe(4));
    await show(page, 'Sessions');
    await eventually(async () => expect(await page.getByRole('button', { name: 'Close' }).count()).toBe(12));
    expect(await text(page)).toMatch(/Its job pays\s/);
    await show(page, 'Pools');
    expect(await text(page)).toContain(`127.0.0.1:${pools[0]!.port}`);
    await show(page, 'Blocks');
    await page.getByRole('row').nth(1).waitFor();
    const { blocks } = JSON.parse((await proxy.get('/blocks', authorization)).body) as { blocks: Block[] };
    const last = await page.getByRole('row').last().innerText();
    for (const shown of [blocks.at(-1)!.hash, blocks.at(-1)!.worker, '840000']) expect(last).toContain(shown);
    await show(page, 'Billing');
    await page.getByRole('button', { name: 'acme', exact: true }).click();
    await page.getByRole('heading', { name: /^Statement .*: Acme Mining$/ }).waitFor();
    expect(await text(page)).toContain('From Hosting Example to Acme Mining (acme)');
    await show(page, 'Clients');
    await page.getByRole('link', { name: 'acme' }).click();
    await page.locator('.plot canvas').first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  it('closes a session after it has asked, and the miner is seen to come back', async () => {
    const { page } = await signedIn();
    await show(page, 'Sessions');
    await page.getByRole('button', { name: 'Close' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Close' }).first().click();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await proxy.counts('stratum_session_closes_total', { code: 'OPERATOR' }, 1);
    await eventually(async () => expect((await workers()).counts.mining).toBe(12));
    await page.context().close();
  });

  it('shows a customer his own, and nothing of others', async () => {
    const { page, complaints } = await signedIn(VIEW_TOKEN);
    const links = await page.getByRole('navigation').getByRole('link').allInnerTexts();
    expect(links).toEqual(['Overview', 'Workers', 'Plots', 'Blocks', 'Statements']);
    await eventually(async () => expect(await text(page)).toMatch(/Workers mining\s+4/));
    for (const view of links) {
      await show(page, view);
      expect(await page.content()).not.toContain('acct2');
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is found in order by axe, light, dark and on a phone, and can be looked at', async () => {
    for (const [name, options] of [
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['phone', { colorScheme: 'light', viewport: { width: 375, height: 740 } }],
    ] as const) {
      const { page } = await signedIn(TOKEN, options);
      for (const view of ['Overview', 'Clients', 'Workers', 'Sessions', 'Pools', 'Blocks', 'Billing']) {
        await show(page, view);
        await page.waitForLoadState('load');
        await page.screenshot({ path: join(PICTURES, `${view.toLowerCase()}-${name}.png`), fullPage: true });
        await page.evaluate(AXE);
        const found = await page.evaluate<{ violations: { id: string; impact: string }[] }>('axe.run()');
        const serious = found.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
        expect([name, view, serious.map(({ id }) => id)]).toEqual([name, view, []]);
        const { scroll, width } = await page.evaluate<{ scroll: number; width: number }>(
          '({ scroll: document.documentElement.scrollWidth, width: innerWidth })',
        );
        expect(scroll).toBeLessThanOrEqual(width);
      }
      await page.context().close();
    }
  }, 120_000);

  it('prints a statement as an invoice, without what surrounds it', async () => {
    const { page } = await signedIn();
    await show(page, 'Billing');
    await page.getByRole('button', { name: 'acme', exact: true }).click();
    await page.getByRole('heading', { name: /^Statement/ }).waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    expect(await page.getByRole('heading', { name: /^Statement/ }).isVisible()).toBe(true);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1);
    await page.context().close();
  });

  it('can be used by keyboard alone', async () => {
    const { page } = await signedIn();
    for (let pressed = 0; pressed < 20; pressed += 1) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate<string>('document.activeElement.textContent');
      if (focused === 'Pools') break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Drain' }).first().waitFor();
    expect(page.url()).toContain('#/pools');
    await page.context().close();
  });

  // The last ones: they take from the others what they look at.
  it('shows a miner that dies, and a pool that dies within its health time', async () => {
    const { page } = await signedIn();
    await pools[0]!.kill();
    await page.getByText(/Pool main is down/).waitFor({ timeout: 15_000 });
    await eventually(async () => expect((await workers()).counts.mining).toBe(12), 30_000);
    await miners.stop();
    const since = performance.now();
    await page.getByText(/4 of 4 workers of acme are gone/).waitFor({ timeout: 15_000 });
    say(`figure | a dead farm on the page | ms=${Math.round(performance.now() - since)}`);
    await page.context().close();
  }, 60_000);
});
