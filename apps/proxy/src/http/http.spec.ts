import { Meters } from '@mining-proxy/billing';
import { Peer } from '@mining-proxy/relay/testing';
import { ask, bearer } from '../testing/ask';
import { RunningProxy } from '../testing/running-proxy';
import { ADMIN_TOKEN, METRICS_TOKEN } from '../testing/test-config';
import { TestLog } from '../testing/test-log';

const LOCAL = { host: 'localhost' };

const log = new TestLog();
let proxy: RunningProxy;

beforeEach(() => log.clear());
afterEach(() => proxy.stop());

describe('/healthz', () => {
  it('answers as soon as HTTP is up', async () => {
    proxy = await RunningProxy.create(log);
    const answer = await proxy.ask('/healthz');
    expect([answer.status, answer.json()]).toEqual([200, { status: 'ok' }]);
  });
});

describe('/readyz', () => {
  it('says no before the relay listens and yes after', async () => {
    proxy = await RunningProxy.create(log);
    const before = await proxy.ask('/readyz');
    expect([before.status, before.json()]).toEqual([
      503,
      { ready: false, reasons: ['not listening'], warnings: [] },
    ]);

    await proxy.startRelay();
    const after = await proxy.ask('/readyz');
    expect([after.status, after.json()]).toEqual([200, { ready: true, reasons: [], warnings: [] }]);
  });

  it('warns of a pool that three dials in a row did not reach, and stays ready', async () => {
    proxy = await RunningProxy.start(log);
    await proxy.pool.close();
    for (let dials = 1; dials <= 3; dials += 1) {
      expect((await proxy.ask('/readyz')).json().warnings).toEqual([]);
      const closed = proxy.sessionsClose();
      await Peer.connect(proxy.minerPort);
      await closed;
    }
    const answer = await proxy.ask('/readyz');
    expect(answer.status).toBe(200);
    const warnings = ['no pool is up', `pool ${proxy.relay.pools[0]!.poolHost} is down`];
    expect(answer.json()).toEqual({ ready: true, reasons: [], warnings });
  });

  it('says no while miners are drained, with HTTP up until the last one has left', async () => {
    proxy = await RunningProxy.start(log);
    const { miner, upstream } = await proxy.session();
    const submit = '{"id":4,"method":"mining.submit","params":["a.b","j","","",""]}\n';
    miner.write(submit);
    await upstream.receives(submit.length);

    const closed = proxy.app.close();
    const { httpPort } = proxy;
    const asked = async () => ask(httpPort, '/readyz');
    let answer = await asked();
    while (answer.status === 200) answer = await asked();
    expect(answer.json()).toMatchObject({ ready: false, reasons: ['draining'] });
    expect((await ask(httpPort, '/metrics')).text).toContain(
      'stratum_shares_in_flight{client_id="a",pool_host="127.0.0.1',
    );

    upstream.write('{"id":4,"result":true,"error":null}\n');
    await Promise.all([miner.ended, upstream.ended]);
    miner.end();
    upstream.end();
    await closed;
    await expect(ask(httpPort, '/readyz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the limit of requests', () => {
  /** What the caller may still ask of this path within ten seconds, as the answer says it. */
  const leftOf = async (path: string) => (await proxy.ask(path)).headers['x-ratelimit-remaining'];

  it('counts each path for itself', async () => {
    proxy = await RunningProxy.start(log);
    expect([await leftOf('/status'), await leftOf('/status')]).toEqual(['999', '998']);
    expect(await leftOf('/metrics')).toBe('999');
  });

  it.each(['/healthz', '/readyz', '/docs', '/docs/openapi.json'])('leaves out %s', async (path) => {
    proxy = await RunningProxy.start(log);
    expect(await leftOf(path)).toBeUndefined();
  });
});

describe('/status', () => {
  async function mined(settings = {}): Promise<void> {
    proxy = await RunningProxy.start(log, settings);
    const { miner, upstream } = await proxy.session();
    const said = '{"id":1,"method":"mining.submit","params":["acme.rig","j","","",""]}\n';
    miner.write(said);
    await upstream.receives(said.length);
    upstream.write('{"id":1,"result":true,"error":null}\n');
    await miner.receives(36);
  }

  const totals = {
    connections: 1,
    active_connections: 1,
    submits: 1,
    accepted: 1,
    rejected: 0,
    in_flight: 0,
  };

  it('shows everybody the whole, and nobody the clients', async () => {
    await mined({ adminToken: ADMIN_TOKEN });
    const status = (await proxy.ask('/status')).json();
    expect(status).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      state: 'listening',
      active_connections: 1,
      max_connections: 100,
      pools: [{ up: true, sessions: 1 }],
      totals,
    });
    expect(status).not.toHaveProperty('clients');
    expect(JSON.stringify(status)).not.toContain('acme');
    expect((await proxy.ask('/status', bearer('wrong-secret-0123456789'))).json()).not.toHaveProperty(
      'clients',
    );
  });

  it('shows whoever has the token the clients too', async () => {
    await mined({ adminToken: ADMIN_TOKEN });
    const { clients } = (await proxy.ask('/status', bearer(ADMIN_TOKEN))).json();
    expect(clients).toContainEqual(expect.objectContaining({ client_id: 'acme', ...totals }));
  });

  it('without a token shows the clients on this machine only, under a local name and not through a proxy', async () => {
    await mined();
    const clientsFor = async (headers: Record<string, string>) =>
      (await proxy.ask('/status', { headers })).json().clients;
    expect(await clientsFor(LOCAL)).toBeDefined();
    expect(await clientsFor({ host: 'rebound.example.com' })).toBeUndefined();
    expect(await clientsFor({ ...LOCAL, 'X-Forwarded-For': '127.0.0.1' })).toBeUndefined();
  });

  it('agrees with /metrics on the sessions that have no client yet', async () => {
    proxy = await RunningProxy.start(log);
    await proxy.session();
    const { clients, totals: sums } = (await proxy.ask('/status', { headers: LOCAL })).json();
    expect(sums).toMatchObject({ active_connections: 1 });
    expect(clients).toMatchObject([{ client_id: 'unassigned', active_connections: 1 }]);
    const { poolHost } = proxy.relay.pools[0]!;
    expect((await proxy.ask('/metrics')).text).toContain(
      `\nstratum_active_connections{client_id="unassigned",pool_host="${poolHost}"} 1\n`,
    );
  });
});

describe('/metrics', () => {
  it('is open to everybody, and in the text format of Prometheus', async () => {
    proxy = await RunningProxy.start(log, { adminToken: ADMIN_TOKEN });
    const answer = await proxy.ask('/metrics', { headers: { host: 'proxy.example.com' } });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/plain;(?=.* version=0\.0\.4).* charset=utf-8/);
    expect(answer.text).toContain('stratum_max_connections 100\n');
  });

  it('asks for the metrics_token where one is set, and for no other', async () => {
    proxy = await RunningProxy.start(log, { adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });
    const refused = await proxy.ask('/metrics', { headers: LOCAL });
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer']);
    expect((await proxy.ask('/metrics', bearer(ADMIN_TOKEN))).status).toBe(401);
    expect((await proxy.ask('/metrics', bearer(METRICS_TOKEN))).status).toBe(200);
    expect((await proxy.ask('/sessions', bearer(METRICS_TOKEN))).status).toBe(401);
  });
});

describe('/sessions', () => {
  it('needs the token where one is set', async () => {
    proxy = await RunningProxy.start(log, { adminToken: ADMIN_TOKEN });
    expect((await proxy.ask('/sessions', { headers: LOCAL })).status).toBe(401);
    expect((await proxy.ask('/sessions', bearer(ADMIN_TOKEN))).json()).toEqual({
      sessions: [],
      next_cursor: null,
    });
  });

  it('without a token answers this machine only, under a local name and not through a proxy', async () => {
    proxy = await RunningProxy.start(log);
    const status = async (headers: Record<string, string>) =>
      (await proxy.ask('/sessions', { headers })).status;
    expect(await status(LOCAL)).toBe(200);
    expect(await status({ host: 'rebound.example.com' })).toBe(401);
    expect(await status({ ...LOCAL, 'X-Forwarded-For': '127.0.0.1' })).toBe(401);
    expect(await status({ ...LOCAL, Forwarded: 'for=127.0.0.1' })).toBe(401);
  });
});

describe('errors', () => {
  const problem = (status: number, title: string) => ({ type: 'about:blank', title, status });

  it('are problem details, which repeat nothing that was sent', async () => {
    proxy = await RunningProxy.start(log, { adminToken: ADMIN_TOKEN });
    const missing = await proxy.ask(`/nowhere?token=${ADMIN_TOKEN}`);
    expect(missing.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(missing.json()).toEqual(problem(404, 'Not Found'));

    const refused = await proxy.ask('/sessions');
    expect(refused.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(refused.json()).toMatchObject(problem(401, 'Unauthorized'));

    const garbled = await proxy.ask('/%ff');
    expect([400, 404]).toContain(garbled.status);
    expect(garbled.headers['content-type']).toBe('application/problem+json; charset=utf-8');

    for (const method of ['POST', 'PUT', 'DELETE']) {
      expect((await proxy.ask('/healthz', { method })).status).toBe(404);
    }
  });

  it('leave what went wrong inside to the log', async () => {
    proxy = await RunningProxy.start(log);
    jest.spyOn(proxy.app.get(Meters), 'read').mockImplementation(() => {
      throw new Error('inner workings');
    });
    const answer = await proxy.ask('/status');
    expect(answer.json()).toEqual(problem(500, 'Internal Server Error'));
    expect(log.lines.filter(({ level }) => level === 'error')).toMatchObject([
      { msg: 'a request failed', err: { message: 'inner workings' } },
    ]);
    expect((await proxy.ask('/healthz')).status).toBe(200);
  });

  it('and answers do not say what they are made with', async () => {
    proxy = await RunningProxy.start(log);
    for (const path of ['/healthz', '/readyz', '/status', '/metrics', '/sessions', '/nowhere']) {
      const { headers } = await proxy.ask(path);
      expect([path, headers['x-powered-by'], headers.server]).toEqual([path, undefined, undefined]);
    }
  });
});
