import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { temporaryDirectory } from '../ledger/testing/write-journal';
import { DataDirectoryInUseError, lockDataDirectory } from './data-lock';

/** What `lockDataDirectory` does, in a process of its own. */
const HOLDER = `
  const Database = require('libsql');
  const database = new Database(process.argv[1] + '/lock.db', { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    console.log('locked');
  } catch (error) {
    console.log(error.code);
    process.exit(64);
  }
  setInterval(() => database, 1000);
`;

describe('lockDataDirectory', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());

  async function hold(): Promise<{ process: ChildProcess; says: string }> {
    const process = spawn('node', ['-e', HOLDER, directory.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(process.stdout, 'data')) as [Buffer];
    return { process, says: said.toString().trim() };
  }

  it('refuses a directory that another process holds, until that one is killed', async () => {
    const holder = await hold();
    expect(holder.says).toBe('locked');
    expect(() => lockDataDirectory(directory.path)).toThrow(DataDirectoryInUseError);
    holder.process.kill('SIGKILL');
    await once(holder.process, 'exit');
    lockDataDirectory(directory.path).release();
  });

  it('keeps other processes out until it is released', async () => {
    const lock = lockDataDirectory(directory.path);
    expect((await hold()).says).toBe('SQLITE_BUSY');
    lock.release();
    const holder = await hold();
    expect(holder.says).toBe('locked');
    holder.process.kill('SIGKILL');
    await once(holder.process, 'exit');
  });
});
