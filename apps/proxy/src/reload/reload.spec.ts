import { once } from 'node:events';
import { ConfigError, type ProxyConfig } from '@mining-proxy/config';
import { Peer } from '@mining-proxy/relay/testing';
import { bearer } from '../testing/ask';
import { RunningProxy } from '../testing/running-proxy';
import { ADMIN_TOKEN } from '../testing/test-config';
import { TestLog } from '../testing/test-log';

const OTHER_TOKEN = 'another-admin-secret-0123';
const ACME = {
  ...{ clientId: 'acme', sourceCidrs: ['127.0.0.0/8'], workers: [], accounts: [], payoutAddresses: [] },
  ...{ name: null, maxConnections: 0, connectRatePerS: 0, suspended: false, viewToken: null },
};

describe('POST /reload', () => {
  const log = new TestLog();
  let proxy: RunningProxy;
  beforeEach(async () => {
    log.clear();
    proxy = await RunningProxy.start(log, { adminToken: ADMIN_TOKEN });
  });
  afterEach(() => proxy.stop());

  const reload = (token = ADMIN_TOKEN) => proxy.ask('/reload', { ...bearer(token), method: 'POST' });
  const next = (change: (config: ProxyConfig) => ProxyConfig) => {
    proxy.reloading.load = () => change(proxy.config);
  };
  const metric = async (name: string) => {
    const { text } = await proxy.ask('/metrics');
    return text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.split(' ')
      .at(-1);
  };

  it('takes nothing over where nothing has changed, and says so', async () => {
    expect((await reload()).json()).toEqual({ changes: [] });
    expect(await metric('stratum_config_reloads_total{result="ok"}')).toBe('1');
  });

  it('ends the streams of whoever has looked with a token that is taken back', async () => {
    const stream = await fetch(`http://127.0.0.1:${proxy.httpPort}/events`, bearer(ADMIN_TOKEN));
    next((config) => ({
      ...config,
      proxy: Object.assign({}, config.proxy, { adminToken: OTHER_TOKEN }),
    }));
    expect((await reload()).status).toBe(200);
    // To its end: it has none for whoever may look.
    expect(await stream.text()).toMatch(/^event: snapshot\n/);
  });

  it('names what it takes over: a token, a limit, the log level', async () => {
    next((config) => ({
      ...config,
      proxy: Object.assign({}, config.proxy, {
        adminToken: OTHER_TOKEN,
        maxConnections: 7,
        logLevel: 'debug',
      }),
    }));
    expect((await reload()).json()).toEqual({
      changes: ['proxy.admin_token', 'proxy.log_level', 'proxy.max_connections'],
    });
    expect((await proxy.ask('/sessions', bearer(ADMIN_TOKEN))).status).toBe(401);
    expect((await proxy.ask('/sessions', bearer(OTHER_TOKEN))).status).toBe(200);
    expect(await metric('stratum_max_connections')).toBe('7');
    expect(log.logger.level).toBe('debug');
    log.logger.level = 'trace';
    expect(log.written.join('')).not.toContain(OTHER_TOKEN);
  });

  it('finds the clients of the new configuration, and leaves the old sessions to theirs', async () => {
    const before = await proxy.session();
    next((config) => ({ ...config, clients: [ACME] }));
    expect((await reload()).json()).toEqual({ changes: ['clients[acme]'] });
    await proxy.session();
    const { sessions } = (await proxy.ask('/sessions', bearer(ADMIN_TOKEN))).json() as {
      sessions: { client_id: string }[];
    };
    expect(sessions.map(({ client_id }) => client_id)).toEqual(['unassigned', 'acme']);
    expect(await metric('stratum_submits_total{client_id="acme"')).toBe('0');
    before.miner.write('x');
    await before.upstream.receives(1);
  });

  it('suspends a client: its sessions are closed, it is refused, and the list of refusals says why', async () => {
    next((config) => ({ ...config, clients: [ACME] }));
    await reload();
    const { upstream } = await proxy.session();
    const closed = proxy.sessionsClose();
    next((config) => ({ ...config, clients: [{ ...ACME, suspended: true }] }));
    await reload();
    upstream.end();
    await closed;
    const rejected = once(proxy.relay.events, 'rejected');
    await Peer.connect(proxy.minerPort);
    await rejected;
    const list = (await proxy.ask('/sessions/refused', bearer(ADMIN_TOKEN))).json();
    expect(list).toEqual({
      refused: [
        expect.objectContaining({
          reason: 'suspended',
          address: '127.0.0.1',
          client_id: 'acme',
          count: 1,
        }) as unknown,
      ],
    });
    expect(await metric('stratum_rejected_connections_total{reason="suspended"}')).toBe('1');
  });

  it('refuses by name what needs a restart, as a whole, and the old configuration goes on', async () => {
    next((config) => ({
      ...config,
      proxy: Object.assign({}, config.proxy, { dataDir: '/elsewhere', metricsPort: 1, maxConnections: 7 }),
    }));
    const answer = await reload();
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({
      faults: [{ path: 'proxy.metrics_port' }, { path: 'proxy.data_dir' }],
    });
    expect(await metric('stratum_max_connections')).toBe('100');
    expect(await metric('stratum_config_reloads_total{result="refused"}')).toBe('1');
    expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { msg: 'configuration refused: the one before goes on' },
    ]);
  });

  it('refuses a file with faults, with every one of them', async () => {
    const faults = [
      { path: 'proxy.admin_token', expected: 'must be longer' },
      { path: 'clients[0].client_id', expected: 'must be unique', got: '"acme"' },
    ];
    proxy.reloading.load = () => {
      throw new ConfigError(faults);
    };
    const answer = await reload();
    expect([answer.status, answer.json().faults]).toEqual([422, faults]);
  });

  it('needs the token', async () => {
    expect((await reload('wrong')).status).toBe(401);
    expect(log.lines.filter(({ msg }) => msg?.startsWith('configuration'))).toEqual([]);
  });
});
