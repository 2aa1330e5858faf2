import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config-error';
import { loadConfig } from './load-config';

describe('a secret in a file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'secrets-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const load = (content: object, env: NodeJS.ProcessEnv = {}) => {
    const path = file(
      'config.json',
      JSON.stringify({ pools: [{ name: 'eu', host: 'eu', port: 1 }], ...content }),
    );
    return loadConfig({ CONFIG_FILE: path, ...env });
  };
  const faults = (content: object, env: NodeJS.ProcessEnv = {}) => {
    try {
      load(content, env);
    } catch (error) {
      if (error instanceof ConfigError) return error.faults;
    }
    throw new Error('nothing was refused');
  };

  it('stands for the key, without the line break at its end', () => {
    const admin_token_file = file('admin', `${'a'.repeat(20)}\n`);
    const view_token_file = file('view', `${'v'.repeat(20)}\r\n`);
    const config = load({ proxy: { admin_token_file }, clients: [{ client_id: 'acme', view_token_file }] });
    expect(config.proxy.adminToken).toBe('a'.repeat(20));
    expect(config.clients[0]!.viewToken).toBe('v'.repeat(20));
  });

  it('is named by the environment, which wins over the file', () => {
    const ADMIN_TOKEN_FILE = file('admin', 'a'.repeat(20));
    const DATABASE_URL_FILE = file('url', 'postgres://me:hush@db/usage');
    const config = load({ proxy: { admin_token: 'b'.repeat(20) } }, { ADMIN_TOKEN_FILE, DATABASE_URL_FILE });
    expect(config.proxy.adminToken).toBe('a'.repeat(20));
    expect(config.billing.databaseUrl).toBe('postgres://me:hush@db/usage');
  });

  it('is refused beside the key itself, by the names of both', () => {
    const admin_token_file = file('admin', 'a'.repeat(20));
    expect(faults({ proxy: { admin_token_file, admin_token: 'b'.repeat(20) } })).toEqual([
      {
        path: 'proxy.admin_token_file',
        expected: 'must not be given beside proxy.admin_token; remove one of them',
      },
    ]);
  });

  it('is refused where it is not there, is no path, or holds no secret of use, and is never shown', () => {
    expect(faults({ proxy: { admin_token_file: join(directory, 'none') } })).toMatchObject([
      { path: 'proxy.admin_token_file', expected: expect.stringContaining('no such file') as string },
    ]);
    expect(faults({ proxy: { metrics_token_file: 5 } })).toMatchObject([
      { path: 'proxy.metrics_token_file' },
    ]);
    expect(faults({}, { ADMIN_TOKEN_FILE: file('short', 'hush') })).toEqual([
      { path: 'ADMIN_TOKEN_FILE', expected: expect.stringContaining('at least 16') as string },
    ]);
  });

  it('is no way to give what is not secret', () => {
    expect(faults({ proxy: { log_level_file: file('level', 'info') } })).toMatchObject([
      { path: 'proxy.log_level_file', expected: expect.stringContaining('unknown key') as string },
    ]);
  });
});
