import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const ROOT = resolve(__dirname, '../../..');

/** Where the browser is, or why there is none. */
export function findChromium(): { readonly path: string } | { readonly missing: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/chromium.mjs'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  // What it says before is about its attempts.
  return status === 0 ? { path: stdout.trim().split('\n').at(-1) ?? '' } : { missing: stderr.trim() };
}

/** A real browser; `close` ends it. */
export function openBrowser(path: string): Promise<Browser> {
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-gpu'] });
}

/** A page that fails the test for whatever its console complains of, requests to elsewhere among it. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A 401 before the sign-in, and what a proxy that is gone does not answer, are no faults of the page.
    if (message.type() === 'error' && !/status of 401|ERR_/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      complaints.push(request.url());
  });
  await page.goto(origin);
  return { page, complaints };
}

/** The same, signed in: the overview with its first numbers. */
export async function openSignedIn(
  browser: Browser,
  origin: string,
  token: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ page: Page; complaints: string[] }> {
  const opened = await openPage(browser, origin, options);
  await opened.page.getByLabel('Token').fill(token);
  await opened.page.getByRole('button', { name: 'Sign in' }).click();
  await opened.page.getByText('live').waitFor();
  return opened;
}

/** Follows a link of the navigation. */
export async function show(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: view, exact: true }).click();
  await page.getByRole('heading', { level: 2 }).first().waitFor();
  await page.getByText('Looking…').first().waitFor({ state: 'hidden' });
}
