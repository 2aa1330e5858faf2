import { once } from 'node:events';
import { bearer } from '../testing/ask';
import { RunningProxy } from '../testing/running-proxy';
import { ADMIN_TOKEN, METRICS_TOKEN } from '../testing/test-config';
import { TestLog } from '../testing/test-log';

const VIEW_TOKEN = 'view-secret-of-acme-0123';
const OTHER_TOKEN = 'view-secret-of-other-0123';
const client = (clientId: string, viewToken: string) => ({
  ...{ clientId, viewToken, sourceCidrs: [], workers: [`${clientId}.*`], accounts: [], payoutAddresses: [] },
  ...{ name: null, maxConnections: 0, connectRatePerS: 0, suspended: false },
});
const CLIENTS = [client('acme', VIEW_TOKEN), client('other', OTHER_TOKEN)];

/** Who may ask what. Whatever is not here is for administrators. */
const OPEN = ['get /billing/public-key', 'get /healthz', 'get /readyz', 'get /status', 'post /sign-out'];
const FOR_CLIENTS = [
  'get /sessions',
  'get /billing/usage',
  'get /billing/statements/{client_id}/{month}',
  'get /me',
  'get /events',
  'get /workers',
  'get /history',
  'get /blocks',
  'post /sign-in',
];

const EXAMPLES: Readonly<Record<string, string>> = {
  '{client_id}': 'acme',
  '{month}': '2026-10',
  '{name}': 'default',
  '{id}': 'nobody',
};

describe('every route and every kind of caller', () => {
  const log = new TestLog();
  let proxy: RunningProxy;
  let routes: [name: string, method: string, path: string][];

  beforeAll(async () => {
    proxy = await RunningProxy.start(
      log,
      { adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN },
      { clients: CLIENTS },
    );
    const { paths } = (await proxy.ask('/docs/openapi.json')).json() as { paths: Record<string, object> };
    routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method): (typeof routes)[number] => [
        `${method} ${path}`,
        method.toUpperCase(),
        path.replace(/\{\w+\}/g, (name) => EXAMPLES[name] ?? name),
      ]),
    );
  });
  afterAll(() => proxy.stop());

  const statuses = async (options: Parameters<RunningProxy['ask']>[1]): Promise<Record<string, number>> => {
    const answers: [string, number][] = [];
    for (const [name, method, path] of routes) {
      answers.push([
        name,
        (await proxy.ask(path, { ...options, method, headOnly: path === '/events' })).status,
      ]);
    }
    return Object.fromEntries(answers);
  };
  const isAllowed = (status: number) => status !== 401 && status !== 403;
  const allowedTo = (answers: Record<string, number>) =>
    Object.keys(answers).filter((name) => isAllowed(answers[name]!));

  it('lets nobody without a token see more than what is open', async () => {
    const answers = await statuses({});
    expect(allowedTo(answers).sort()).toEqual([...OPEN].sort());
    for (const [name, status] of Object.entries(answers)) {
      if (!OPEN.includes(name)) expect([name, status]).toEqual([name, 401]);
    }
  });

  it.each(['wrong', METRICS_TOKEN, `${VIEW_TOKEN}x`])('lets no other token in: %#', async (token) => {
    const open = token === METRICS_TOKEN ? [...OPEN, 'get /metrics'] : OPEN;
    expect(allowedTo(await statuses(bearer(token))).sort()).toEqual([...open].sort());
  });

  it('lets a view_token read its own client, and nothing else', async () => {
    const answers = await statuses(bearer(VIEW_TOKEN));
    expect(allowedTo(answers).sort()).toEqual([...OPEN, ...FOR_CLIENTS].sort());
    const others = Object.keys(answers).filter(
      (name) => ![...OPEN, ...FOR_CLIENTS, 'get /metrics'].includes(name),
    );
    for (const name of others) expect([name, answers[name]]).toEqual([name, 403]);
  });

  it('lets the admin_token do all', async () => {
    expect(
      Object.entries(await statuses(bearer(ADMIN_TOKEN))).filter(([, status]) => !isAllowed(status)),
    ).toEqual([
      // It has a token of its own.
      ['get /metrics', 401],
    ]);
  });

  describe('of two clients that mine', () => {
    beforeAll(async () => {
      // The administrator above has tried all that there is.
      proxy.relay.resumePool('default');
      for (const { clientId } of CLIENTS) {
        const { miner, upstream } = await proxy.session();
        const identified = once(proxy.relay.events, 'identified');
        miner.write(`{"id":1,"method":"mining.authorize","params":["${clientId}.rig","x"]}\n`);
        await upstream.receives(20);
        upstream.write('{"id":1,"result":true,"error":null}\n');
        await identified;
      }
    });

    const shown = async (path: string, token: string) => {
      const { sessions } = (await proxy.ask(path, bearer(token))).json() as {
        sessions: { client_id: string }[];
      };
      return sessions.map(({ client_id }) => client_id);
    };

    it('shows each its own sessions, and the administrator both', async () => {
      expect(await shown('/sessions', VIEW_TOKEN)).toEqual(['acme']);
      expect(await shown('/sessions?client_id=acme', VIEW_TOKEN)).toEqual(['acme']);
      expect(await shown('/sessions', OTHER_TOKEN)).toEqual(['other']);
      expect(await shown('/sessions', ADMIN_TOKEN)).toEqual(['acme', 'other']);
    });

    it.each([
      '/sessions?client_id=other',
      '/billing/usage?client_id=other',
      '/billing/statements/other/2026-10',
    ])('refuses one the other one: %s', async (path) => {
      const answer = await proxy.ask(path, bearer(VIEW_TOKEN));
      expect(answer.status).toBe(403);
      expect(answer.text).not.toContain('rig');
    });

    it('sums usage over the own client only, also where no client is asked for', async () => {
      const answer = await proxy.ask('/billing/usage?group_by=client', bearer(VIEW_TOKEN));
      const { rows } = answer.json() as { rows: { client_id: string }[] };
      expect(rows.filter(({ client_id }) => client_id !== 'acme')).toEqual([]);
    });

    it('has a cookie stand for the token, for the one who has it alone, until it signs out', async () => {
      const entered = await proxy.ask('/sign-in', { ...bearer(VIEW_TOKEN), method: 'POST' });
      const [set = ''] = entered.headers['set-cookie'] ?? [];
      expect(set).toMatch(/^mining_proxy=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
      const headers = { cookie: set.split(';')[0]! };
      expect((await proxy.ask('/me', { headers })).json()).toEqual({
        role: 'client',
        client_id: 'acme',
        signed_in: true,
      });
      expect((await proxy.ask('/pools', { headers })).status).toBe(403);
      const left = await proxy.ask('/sign-out', { headers, method: 'POST' });
      expect(left.headers['set-cookie']![0]).toContain('Max-Age=0');
      expect((await proxy.ask('/me', { headers })).status).toBe(401);
    });

    it('takes a change by cookie only with the header that no other site can send', async () => {
      const entered = await proxy.ask('/sign-in', { ...bearer(ADMIN_TOKEN), method: 'POST' });
      const headers = { cookie: entered.headers['set-cookie']![0]!.split(';')[0]! };
      const drain = (more: object) =>
        proxy.ask('/pools/default/resume', { headers: { ...headers, ...more }, method: 'POST' });
      expect((await drain({})).status).toBe(403);
      expect((await drain({ 'x-requested-with': 'XMLHttpRequest' })).status).toBe(403);
      expect((await drain({ 'x-requested-with': 'console' })).status).toBe(200);
    });

    it('ends a sign-in with the token that it was made with', async () => {
      const entered = await proxy.ask('/sign-in', { ...bearer(OTHER_TOKEN), method: 'POST' });
      const headers = { cookie: entered.headers['set-cookie']![0]!.split(';')[0]! };
      expect((await proxy.ask('/me', { headers })).status).toBe(200);
      proxy.reloading.load = () => ({ ...proxy.config, clients: CLIENTS.slice(0, 1) });
      await proxy.ask('/reload', { ...bearer(ADMIN_TOKEN), method: 'POST' });
      expect((await proxy.ask('/me', { headers })).status).toBe(401);
      proxy.reloading.load = () => proxy.config;
      await proxy.ask('/reload', { ...bearer(ADMIN_TOKEN), method: 'POST' });
    });

    it('closes the sessions of one by hand, and says how many', async () => {
      const closed = proxy.sessionsClose();
      const answer = await proxy.ask('/clients/acme/sessions', { ...bearer(ADMIN_TOKEN), method: 'DELETE' });
      expect([answer.status, answer.json()]).toEqual([202, { closing: 1 }]);
      await closed;
      expect(await shown('/sessions', ADMIN_TOKEN)).toEqual(['other']);
    });
  });
});
