import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { kindsIn } from '../journal/testing/read-journal';
import { openLedger } from './open-ledger';
import { Bookkeeping } from './testing/bookkeeping';
import { temporaryDirectory } from './testing/write-journal';

const root = resolve(__dirname, '../../../../..');

describe('a process that is killed', () => {
  const directory = temporaryDirectory();
  // Below the project, so that the bundle finds its packages.
  const bundle = join(root, 'tmp/billing-crash/child.cjs');

  beforeAll(() => {
    const rolldown = join(dirname(createRequire(__filename).resolve('rolldown/package.json')), 'bin/cli.mjs');
    const entry = join(__dirname, 'testing/crash-child.ts');
    const external = ['libsql', 'kysely', 'pg'].flatMap((name) => ['--external', name]);
    const parameters = [entry, '--file', bundle, '--format', 'cjs', '--platform', 'node', ...external];
    execFileSync(
      process.execPath,
      [rolldown, ...parameters, '--tsconfig', join(root, 'tsconfig.base.json')],
      {
        cwd: root,
        stdio: 'ignore',
      },
    );
  }, 30_000);

  afterAll(() => directory.remove());

  /** Kills the process once it has said that it appended so many shares; returns the last that it said. */
  async function runUntilKilled(session: string, shares: number): Promise<number> {
    const child = spawn(process.execPath, [bundle, directory.path, session], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = 0;
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      said = Number(lines.at(-1) ?? said);
      if (said >= shares) child.kill('SIGKILL');
    });
    await once(child, 'close');
    return said;
  }

  it('leaves every share of the turns that it finished in the ledger, once, time after time', async () => {
    let said = 0;
    const kills = [7, 700, 7_000, 70, 20_000];
    for (const [index, shares] of kills.entries()) said += await runUntilKilled(`s${index}`, shares);
    const books = new Bookkeeping(directory.path);
    expect(await books.stop(30_000)).toBe(true);
    const ledger = openLedger({ dataDirectory: directory.path, databaseUrl: null, rates: null });
    const { rows } = await ledger.usage({ groupBy: [] });
    const month = new Date().toISOString().slice(0, 7);
    const verification = await ledger.verify(month);
    await ledger.stop();
    const accepted = Number(rows[0]?.accepted);
    expect(accepted).toBeGreaterThanOrEqual(said);
    // More only by what the journal has of turns that could not say so any more.
    expect(accepted).toBe(kindsIn(join(directory.path, 'journal')).filter((kind) => kind === 'share').length);
    expect(rows[0]).toMatchObject({ sessions: String(kills.length) });
    expect(verification.difference_count).toBe(0);
  }, 60_000);
});
