import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigError, type ConfigFault } from './config-error';
import { loadConfig } from './load-config';

const POOL = { POOL_HOST: 'pool.example.com', POOL_PORT: '3333' };
const POOL_KEYS = { pool_host: 'pool.example.com', pool_port: 3333 };

describe('loadConfig', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'config-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function file(content: unknown): string {
    const path = join(directory, 'config.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  const load = (content: unknown, env: NodeJS.ProcessEnv = {}) =>
    loadConfig({ CONFIG_FILE: file(content), ...env });

  function faultsOf(content: unknown, env: NodeJS.ProcessEnv = {}): readonly ConfigFault[] {
    return errorOf(() => load(content, env)).faults;
  }

  it('has the documented defaults where nothing is set', () => {
    expect(loadConfig(POOL)).toEqual({
      proxy: {
        bindAddress: '0.0.0.0',
        bindPort: 3333,
        poolHost: 'pool.example.com',
        poolPort: 3333,
        metricsBindAddress: '0.0.0.0',
        metricsPort: 9090,
        adminToken: null,
        logLevel: 'info',
        logFormat: 'auto',
        maxConnections: 100,
        connectionTimeoutMs: 30_000,
        idleTimeoutMs: 300_000,
        loginTimeoutMs: 30_000,
        slowPeerTimeoutMs: 30_000,
        inspection: true,
        algorithm: 'sha256d',
        maxLineBytes: 131_072,
        drainTimeoutMs: 15_000,
        closeGraceMs: 2_000,
        jobTimeoutMs: 600_000,
        usageIntervalMs: 30_000,
        dataDir: './data',
        instanceId: hostname(),
        metricsToken: null,
        metricsTls: null,
      },
      listeners: [
        {
          name: 'default',
          bindAddress: '0.0.0.0',
          bindPort: 3333,
          pools: null,
          clientId: null,
          algorithm: null,
          reusePort: false,
          proof: false,
          tls: null,
          proxyProtocol: null,
        },
      ],
      pools: [
        {
          name: 'default',
          host: 'pool.example.com',
          port: 3333,
          priority: 0,
          weight: 1,
          enabled: true,
          algorithm: null,
          tls: null,
          proxyProtocol: null,
          health: { kind: 'tcp', intervalMs: 10_000, timeoutMs: 5_000, fall: 3, rise: 2 },
        },
      ],
      failover: { onDown: 'keep', failback: 'on_reconnect', failoverSpreadMs: 5_000, noPoolDelayMs: 2_000 },
      access: {
        allowCidrs: [],
        denyCidrs: [],
        maxConnectionsPerIp: 0,
        connectRatePerS: 0,
        connectRatePerIpPerS: 0,
        connectBurst: 2_000,
        ban: null,
      },
      identity: { fallback: 'account', maxClients: 1_000, separators: './+#' },
      clients: [],
      workers: { silentAfterS: 600, forgetAfterH: 72 },
      audit: { submitsPerSecond: 200 },
      billing: {
        databaseUrl: null,
        journalRetentionDays: 35,
        sessionsRetentionDays: 400,
        journalMaxBytes: 10_737_418_240,
        operatorName: null,
        signingKeyFile: null,
        rates: null,
        export: null,
      },
    });
  });

  it('reads every key of the file', () => {
    const config = load({
      proxy: {
        ...POOL_KEYS,
        bind_port: 0,
        log_level: 'debug',
        close_grace_ms: 15,
        metrics_token: 'm'.repeat(16),
      },
      identity: { fallback: 'source_ip', max_clients: 7 },
      clients: [
        { client_id: 'acme', source_cidrs: ['10.1.2.3/8'], workers: ['acme.*'], accounts: ['acme'] },
        {
          client_id: 'solo',
          max_connections: 5,
          connect_rate_per_s: 2,
          suspended: true,
          view_token: 'v'.repeat(16),
        },
      ],
      access: { deny_cidrs: ['192.0.2.1'], connect_burst: 5, ban: { for_s: 60 } },
    });

    expect(config.proxy).toMatchObject({
      bindPort: 0,
      logLevel: 'debug',
      closeGraceMs: 15,
      metricsToken: 'm'.repeat(16),
    });
    expect(config.identity).toEqual({ fallback: 'source_ip', maxClients: 7, separators: './+#' });
    expect(config.clients).toEqual([
      {
        clientId: 'acme',
        sourceCidrs: ['10.1.2.3/8'],
        workers: ['acme.*'],
        accounts: ['acme'],
        payoutAddresses: [],
        ...{ name: null, maxConnections: 0, connectRatePerS: 0, suspended: false, viewToken: null },
      },
      {
        clientId: 'solo',
        sourceCidrs: [],
        workers: [],
        accounts: [],
        payoutAddresses: [],
        ...{ name: null, maxConnections: 5, connectRatePerS: 2, suspended: true, viewToken: 'v'.repeat(16) },
      },
    ]);
    expect(config.access).toMatchObject({
      denyCidrs: ['192.0.2.1/32'],
      connectBurst: 5,
      ban: { junkSessions: 20, withinS: 60, forS: 60 },
    });
  });

  it('lets each variable of the environment win over the file', () => {
    const env = {
      POOL_HOST: '203.0.113.9',
      POOL_PORT: '4444',
      BIND_ADDRESS: '127.0.0.1',
      BIND_PORT: '1111',
      METRICS_BIND_ADDRESS: '::1',
      METRICS_PORT: '2222',
      ADMIN_TOKEN: 'environment-token',
      LOG_LEVEL: 'warn',
      MAX_CONNECTIONS: '5',
      CONNECTION_TIMEOUT_MS: '11',
      IDLE_TIMEOUT_MS: '12',
      DRAIN_TIMEOUT_MS: '13000',
      DATA_DIR: '/var/lib/proxy',
      INSTANCE_ID: 'eu-1',
    };
    const inFile = {
      ...POOL_KEYS,
      bind_address: '192.0.2.1',
      bind_port: 1,
      metrics_bind_address: '192.0.2.2',
      metrics_port: 2,
      admin_token: 'token-of-the-file',
      log_level: 'error',
      max_connections: 3,
      connection_timeout_ms: 4,
      idle_timeout_ms: 5,
      drain_timeout_ms: 6000,
      data_dir: 'elsewhere',
      instance_id: 'other',
    };

    expect(load({ proxy: inFile }, env).proxy).toMatchObject({
      poolHost: '203.0.113.9',
      poolPort: 4444,
      bindAddress: '127.0.0.1',
      bindPort: 1111,
      metricsBindAddress: '::1',
      metricsPort: 2222,
      adminToken: 'environment-token',
      logLevel: 'warn',
      maxConnections: 5,
      connectionTimeoutMs: 11,
      idleTimeoutMs: 12,
      drainTimeoutMs: 13_000,
      dataDir: '/var/lib/proxy',
      instanceId: 'eu-1',
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(
      load({ proxy: { ...POOL_KEYS, bind_port: 1234 } }, { BIND_PORT: '', ADMIN_TOKEN: '' }).proxy,
    ).toMatchObject({
      bindPort: 1234,
      adminToken: null,
    });
    expect(loadConfig({ ...POOL, CONFIG_FILE: '' }).proxy.poolPort).toBe(3333);
  });

  it('is frozen through and through', () => {
    const config = load({ proxy: POOL_KEYS, clients: [{ client_id: 'acme', workers: ['acme.*'] }] });
    const { proxy, identity, clients } = config;

    for (const part of [config, proxy, identity, clients, clients[0]!, clients[0]!.workers]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('says in one line, with an example, that no pool is configured', () => {
    const { message } = errorOf(() => loadConfig({}));

    expect(message).not.toContain('\n');
    expect(message).toContain('no pool is configured');
    expect(message).toContain('POOL_HOST=pool.example.com POOL_PORT=3333');
    expect(message).toContain('"proxy": { "pool_host": "pool.example.com", "pool_port": 3333 }');
  });

  it('asks for the port of a pool that has only a host', () => {
    expect(errorOf(() => loadConfig({ POOL_HOST: 'pool.example.com' })).faults).toEqual([
      { path: 'proxy.pool_port', expected: 'must be a whole number from 1 to 65535; set it or POOL_PORT' },
    ]);
  });

  it('reports every fault at once, each on its line and by the name the operator used', () => {
    const error = errorOf(() =>
      load(
        {
          proxy: { pool_host: '', max_conections: 5, idle_timeout_ms: '300', bind_port: 70_000 },
          identity: { fallback: 'nobody' },
          clients: [
            { client_id: 'acme', source_cidrs: ['10.0.0.0/8', '10.0.0.0/33'] },
            { client_id: 'acme' },
          ],
          extra: 1,
        },
        { BIND_PORT: '3333x', POOL_PORT: '0' },
      ),
    );

    expect(error.faults.map(({ path }) => path).sort()).toEqual(
      [
        'BIND_PORT',
        'POOL_PORT',
        'clients[0].source_cidrs[1]',
        'clients[1].client_id',
        'extra',
        'identity.fallback',
        'proxy.idle_timeout_ms',
        'proxy.max_conections',
        'proxy.pool_host',
      ].sort(),
    );
    const lines = error.message.split('\n');
    expect(lines).toHaveLength(1 + error.faults.length);
    expect(lines).toContain('  BIND_PORT: must be a whole number from 0 to 65535 (got "3333x")');
    expect(lines).toContain('  proxy.max_conections: unknown key; did you mean `max_connections`?');
  });

  it.each([
    ['a number', 5],
    ['a list', []],
    ['null', null],
    ['text', 'proxy'],
  ])('refuses a file that holds %s', (_, content) => {
    expect(faultsOf(JSON.stringify(content))).toEqual([
      {
        path: expect.stringContaining('config.json') as string,
        expected: expect.stringContaining('one JSON object') as string,
        got: expect.any(String) as string,
      },
    ]);
  });

  it.each([
    ['proxy', []],
    ['proxy', null],
    ['identity', 'account'],
    ['clients', {}],
    ['clients', null],
  ])('refuses a section %s that is %j', (section, content) => {
    expect(faultsOf({ proxy: POOL_KEYS, [section]: content })[0]!.path).toBe(section);
  });

  it.each([null, 'acme', ['acme']])('refuses a client that is %j', (client) => {
    expect(faultsOf({ proxy: POOL_KEYS, clients: [client] })).toMatchObject([{ path: 'clients[0]' }]);
  });

  it.each(['auditing', 'page'])('knows no section %s', (section) => {
    expect(faultsOf({ proxy: POOL_KEYS, [section]: {} })).toMatchObject([
      { path: section, expected: expect.stringMatching(/^unknown key/) as string },
    ]);
  });

  it('says where a key belongs that has lost its section', () => {
    expect(faultsOf({ proxy: POOL_KEYS, max_line_bytes: 2048 })).toEqual([
      { path: 'max_line_bytes', expected: 'unknown key; did you mean `proxy.max_line_bytes`?' },
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('takes the key %s for an unknown one', (key) => {
    expect(
      faultsOf(`{"proxy": {"pool_host": "a", "pool_port": 1, "${key}": {"bind_port": 1}}}`),
    ).toMatchObject([{ path: `proxy.${key}` }]);
  });

  it('names the file that is not there', () => {
    const [fault] = errorOf(() =>
      loadConfig({ ...POOL, CONFIG_FILE: join(directory, 'missing.json') }),
    ).faults;

    expect(fault).toMatchObject({
      path: 'CONFIG_FILE',
      expected: expect.stringContaining('no such file') as string,
    });
  });

  it('says that a directory is no file', () => {
    const [fault] = errorOf(() => loadConfig({ ...POOL, CONFIG_FILE: directory })).faults;

    expect(fault!.expected).toContain('it is a directory');
  });

  it('says where JSON breaks, and judges of the rest only the environment', () => {
    const faults = faultsOf('{\n  "proxy": {\n    "bind_port": 3333,\n  }\n}', { MAX_CONNECTIONS: '0' });

    expect(faults).toHaveLength(2);
    expect(faults[0]!.path).toMatch(/config\.json:4:3$/);
    expect(faults[0]!.expected).toContain('remove the comma');
    expect(faults[1]!.path).toBe('MAX_CONNECTIONS');
  });

  it('reads a file that begins with a byte order mark', () => {
    expect(load(`\uFEFF${JSON.stringify({ proxy: POOL_KEYS })}`).proxy.poolPort).toBe(3333);
  });

  it('does not look at what the environment overrides in the file', () => {
    expect(load({ proxy: { ...POOL_KEYS, bind_port: 'wrong' } }, { BIND_PORT: '1' }).proxy.bindPort).toBe(1);
  });

  it.each([
    ['admin_token', { proxy: { ...POOL_KEYS, admin_token: 'hush hush' } }, {}],
    ['admin_token, an object', { proxy: { ...POOL_KEYS, admin_token: { value: 'hush hush' } } }, {}],
    ['metrics_token', { proxy: { ...POOL_KEYS, metrics_token: 'hush hush' } }, {}],
    ['ADMIN_TOKEN', { proxy: POOL_KEYS }, { ADMIN_TOKEN: 'hush hush' }],
    ['a mistyped admin_tokn', { proxy: { ...POOL_KEYS, admin_tokn: 'hush hush' } }, {}],
    [
      'a valid one beside a fault',
      { proxy: { ...POOL_KEYS, admin_token: 'hush-hush-hush-hush', bind_port: -1 } },
      {},
    ],
    ['database_url', { billing: { database_url: 'mysql://me:hush@db/x' }, proxy: POOL_KEYS }, {}],
    ['DATABASE_URL', { proxy: POOL_KEYS }, { DATABASE_URL: 'hush://me:hush@db/x' }],
    ['broken JSON', '{"proxy": {"admin_token": "hush hush"; }}', {}],
    ['a token without quotes', '{"proxy": {"admin_token": hush hush }}', {}],
    [
      'a login inside of an address',
      { proxy: POOL_KEYS },
      { POOL_HOST: 'stratum+tcp://me:hush@pool.example.com' },
    ],
  ])('never shows the value of a secret: %s', (_, content, env) => {
    const error = errorOf(() => load(content, env));

    for (const shown of [
      error.message,
      error.stack,
      String(error),
      JSON.stringify(error),
      inspect(error, { depth: 9, showHidden: true }),
    ]) {
      expect(shown).not.toContain('hush');
    }
  });

  it('cuts what it shows and escapes what a terminal would act on', () => {
    const [fault] = faultsOf({ proxy: { ...POOL_KEYS, bind_address: `\u001b[2J${'x'.repeat(500)}` } });

    expect(fault!.got!.length).toBeLessThan(80);
    expect(fault!.got).not.toContain('\u001b');
  });
});

function errorOf(load: () => unknown): ConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
