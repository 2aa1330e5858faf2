import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Program, PROXY_MAIN, RawPool, Stage } from '@mining-proxy/e2e-support';

const POOL = { POOL_HOST: '127.0.0.1', POOL_PORT: '3333' };
const SECRET = 'short-secret';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Guards the start: a wrong configuration binds nothing and is told whole, and the right one can be tried first. */
describe('configuration', () => {
  const stage = new Stage();
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'proxy-e2e-'))));
  afterEach(() => stage.clear());
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('says in one line how to name a pool when none is configured, and exits 64', async () => {
    const { code, stdout, stderr } = await run();
    expect(code).toBe(64);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain('POOL_HOST=pool.example.com POOL_PORT=3333');
  });

  it('tells every fault of file and environment at once, each with its place, and exits 64', async () => {
    const { code, stderr } = await run({
      file: {
        proxy: { pool_host: 'pool.example.com', max_connections: 0, log_level: 'loud', bind_prot: 1 },
        identity: { fallback: 'guess' },
        clients: [{ client_id: 'a' }, { client_id: 'a', source_cidrs: ['10.0.0.0/99'] }],
        metric: {},
      },
      env: { BIND_PORT: '70000' },
    });
    expect(code).toBe(64);
    const places = [
      'BIND_PORT',
      'proxy.pool_port',
      'proxy.max_connections',
      'proxy.log_level',
      'proxy.bind_prot',
      'identity.fallback',
      'clients[1].client_id',
      'clients[1].source_cidrs',
      'metric',
    ];
    for (const place of places)
      expect(stderr).toMatch(new RegExp(`^  ${place.replace(/[[\].]/g, '\\$&')}`, 'm'));
    expect(stderr).toMatch(new RegExp(`^configuration: ${places.length} faults`));
  });

  it('names the key that an unknown one was meant to be', async () => {
    const { code, stderr } = await run({ file: { proxy: { pool_hots: 'a' } }, env: POOL });
    expect(code).toBe(64);
    expect(stderr).toContain('did you mean `pool_host`?');
  });

  it('never prints the value of a secret', async () => {
    const { code, stdout, stderr } = await run({
      file: { proxy: { metrics_token: SECRET, admin_tokn: SECRET } },
      env: { ...POOL, ADMIN_TOKEN: SECRET },
    });
    expect(code).toBe(64);
    expect(stderr).toContain('ADMIN_TOKEN');
    expect(stderr).toContain('metrics_token');
    expect(stdout + stderr).not.toContain(SECRET);
  });

  it.each([
    ['no JSON', '{"proxy": {"pool_host": "a",}}', /config\.json:1:29/],
    ['no object', '[]', /one JSON object/],
  ])('says where the file holds %s, and exits 64', async (_name, text, place) => {
    const file = join(directory, 'config.json');
    writeFileSync(file, text);
    const { code, stderr } = await run({ env: { CONFIG_FILE: file } });
    expect(code).toBe(64);
    expect(stderr).toMatch(place);
  });

  it('says that the file is not there, and exits 64', async () => {
    const { code, stderr } = await run({ env: { ...POOL, CONFIG_FILE: join(directory, 'missing.json') } });
    expect(code).toBe(64);
    expect(stderr).toMatch(/CONFIG_FILE.*no such file/);
  });

  it('lets the environment win over the file', async () => {
    const [named, used] = [await stage.rawPool(), await stage.rawPool()];
    const proxy = await stage.proxy({
      poolPort: named.port,
      shortForm: true,
      env: { POOL_PORT: String(used.port), MAX_CONNECTIONS: '7' },
    });
    await stage.session(proxy, used);
    expect(named.peers).toEqual([]);
    expect((await proxy.metrics()).value('stratum_max_connections')).toBe(7);
  });

  it('checks without binding: --check-config', async () => {
    const pool = await stage.rawPool();
    const inUse = { BIND_ADDRESS: '127.0.0.1', BIND_PORT: String(pool.port) };
    expect(await run({ args: ['--check-config'], env: { ...POOL, ...inUse } })).toEqual({
      code: 0,
      stdout: 'configuration ok\n',
      stderr: '',
    });
    const wrong = await run({ args: ['--check-config'], env: { ...POOL, POOL_PORT: '0' } });
    expect(wrong).toMatchObject({ code: 64, stdout: '' });
    expect(wrong.stderr).toContain('POOL_PORT');
  });

  it('prints its version and its help, whatever the configuration', async () => {
    const manifest = JSON.parse(readFileSync(resolve(__dirname, '../../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(await run({ args: ['--version'] })).toEqual({
      code: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
    const help = await run({ args: ['--help'] });
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const word of ['--check-config', '--version', 'CONFIG_FILE', 'POOL_HOST='])
      expect(help.stdout).toContain(word);
  });

  it('refuses an option that it does not know, and exits 64', async () => {
    const { code, stderr } = await run({ args: ['--prot', '1'], env: POOL });
    expect(code).toBe(64);
    expect(stderr).toMatch(/--prot/);
    expect(stderr).toContain('--help');
  });

  it.each(['BIND', 'METRICS'])('says that the %s port is in use, and exits 1', async (which) => {
    const pool = await stage.rawPool();
    const free = {
      BIND_ADDRESS: '127.0.0.1',
      BIND_PORT: '0',
      METRICS_BIND_ADDRESS: '127.0.0.1',
      METRICS_PORT: '0',
    };
    const { code, stdout } = await run({ env: { ...POOL, ...free, [`${which}_PORT`]: String(pool.port) } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/"level":"fatal".*start failed: the address is in use/);
    expect(stdout).not.toContain('"proxy ready"');
  });

  it('leaves no port bound when a start fails', async () => {
    const pool = await stage.rawPool();
    const http = await RawPool.listen();
    const { port } = http;
    await http.close();
    const env = { ...POOL, BIND_ADDRESS: '127.0.0.1', BIND_PORT: String(pool.port) };
    expect(
      (await run({ env: { ...env, METRICS_BIND_ADDRESS: '127.0.0.1', METRICS_PORT: String(port) } })).code,
    ).toBe(1);
    const again = await stage.rawPool({ port });
    expect(again.port).toBe(port);
  });

  /** The proxy, run to its end. */
  async function run(
    options: { args?: readonly string[]; file?: object; env?: Readonly<Record<string, string>> } = {},
  ): Promise<Outcome> {
    const { args = [], file, env = {} } = options;
    const path = join(directory, 'given.json');
    if (file) writeFileSync(path, JSON.stringify(file));
    const data = { DATA_DIR: join(directory, 'data') };
    const program = Program.start(PROXY_MAIN, args, { ...data, ...(file && { CONFIG_FILE: path }), ...env });
    try {
      const { code } = await program.ended();
      return { code, stdout: program.stdout, stderr: program.stderr };
    } finally {
      await program.kill();
    }
  }
});
