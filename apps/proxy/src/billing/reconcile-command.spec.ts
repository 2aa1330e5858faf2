import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@mining-proxy/config';
import { parseCommand, type ReconcileCommand } from '../command-line';
import { ParameterError } from './parameters';
import { runReconcileCommand } from './reconcile-command';

describe('runReconcileCommand', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'reconcile-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function run(...args: readonly string[]): Promise<number> {
    const file = join(directory, 'pool.csv');
    writeFileSync(file, 'worker,day,shares\na.1,2026-11-01,5\n');
    const config = loadConfig({ POOL_HOST: 'pool.example.com', POOL_PORT: '3333', DATA_DIR: directory });
    const command = parseCommand(['reconcile', file, '--month', '2026-11', ...args]) as ReconcileCommand;
    return runReconcileCommand(command, config, () => undefined);
  }

  it.each([
    [['--format', 'xml'], 'format must be table, json or csv'],
    [['--utc-offset', 'Berlin'], 'utc-offset must be like +08:00'],
    [['--unit', 'kW'], 'unit must be H/s, kH/s, MH/s, GH/s, TH/s, PH/s, EH/s or ZH/s'],
    [['--span', 'week'], 'span must be hour, day or a number of seconds'],
    [['--span', 'constructor'], 'span must be hour, day or a number of seconds'],
    [['--edge-hours', '7'], 'edge-hours must be a whole number from 0 to 6'],
    [['--tolerance=-1'], 'tolerance must be a percentage from 0 to 100, with at most four places'],
    [['--tolerance', '101'], 'tolerance must be a percentage from 0 to 100, with at most four places'],
    [
      ['--columns', 'work=Sum'],
      'columns must be like worker=Worker,day=Date; known are worker, account, day, difficulty, hashes, shares, hashrate',
    ],
    [
      ['--columns', 'worker'],
      'columns must be like worker=Worker,day=Date; known are worker, account, day, difficulty, hashes, shares, hashrate',
    ],
    [['--columns', 'shares=Nothing'], 'no column is called "Nothing"'],
  ])('refuses %j', async (args, message) => {
    const refusal = run(...args);
    await expect(refusal).rejects.toBeInstanceOf(ParameterError);
    await expect(refusal).rejects.toThrow(message);
  });

  it('says so where there is no ledger, and makes none', async () => {
    await expect(
      run('--tolerance', '0.5', '--columns', 'worker=worker,day=day,shares=shares'),
    ).rejects.toMatchObject({ code: 'LEDGER_MISSING' });
  });
});
