import {
  connectMiner,
  eventually,
  httpGet,
  logIn,
  playPool,
  type ProxyProcess,
  Stage,
  submit,
} from '@mining-proxy/e2e-support';
import { figure } from './support/figures';
import { plainGet, rawHttp } from './support/raw-http';

const TOKEN = 'admin-token-for-the-tests';
const ADMIN = { authorization: `Bearer ${TOKEN}` };
const MINERS = 250;
/** Requests that one address has in ten seconds. */
const LIMIT = 1_000;

type Session = Readonly<Record<string, unknown>>;
interface Page {
  readonly sessions: readonly Session[];
  readonly next_cursor: string | null;
}

/** Guards what people and programs see of the sessions, and that nobody asks so often that miners notice. */
describe('the HTTP side', () => {
  const stage = new Stage();
  let proxy: ProxyProcess;

  beforeAll(async () => {
    const pool = await stage.rawPool({ greets: (peer) => playPool(peer) });
    const settings = { admin_token: TOKEN, max_connections: 2 * MINERS, log_level: 'info' };
    proxy = await stage.proxy({ poolPort: pool.port, proxy: settings });
    for (let n = 0; n < MINERS; n += 1) {
      const miner = await stage.miner(proxy);
      const worker = `acme${n % 5}.rig${n}`;
      await logIn(miner, worker, 'x');
      miner.say(submit(9, worker));
      await miner.messageWith(9);
    }
  });
  afterAll(() => stage.clear());

  it('lists every session once, page by page, with what it did', async () => {
    const seen: Session[] = [];
    const startedAt = performance.now();
    let pages = 0;
    for (let cursor: string | null = '0'; cursor !== null; pages += 1) {
      const page: Page = await sessions(`limit=60&cursor=${cursor}`);
      seen.push(...page.sessions);
      cursor = page.next_cursor;
    }
    const ms = Math.round(performance.now() - startedAt);
    figure('/sessions', { sessions: seen.length, pages, ms });
    expect(new Set(seen.map(({ session_id }) => session_id)).size).toBe(MINERS);
    expect(seen).toHaveLength(MINERS);
    for (const [n, session] of seen.entries()) {
      expect(session).toMatchObject({
        client_id: `acme${n % 5}`,
        workers: [`acme${n % 5}.rig${n}`],
        dialect: 'stratum1',
        difficulty: 1,
        submits: 1,
        accepted: 1,
        rejected: 0,
        in_flight: 0,
        pool_host: proxy.poolHost,
      });
      expect(session.source).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(session.hashrate_estimate).toBeGreaterThan(0);
      expect(session.age_s).toBeGreaterThanOrEqual(0);
      expect(session.bytes_sent).toBeGreaterThan(100);
      expect(session.bytes_received).toBeGreaterThan(100);
    }
  });

  it('lists the sessions of one client, and forgets one that has gone', async () => {
    const guest = await connectMiner(proxy.minerPort);
    await logIn(guest, 'guest.rig1');
    const listed = await sessions('client_id=guest');
    expect(listed.sessions).toHaveLength(1);
    expect(listed.next_cursor).toBeNull();
    guest.reset();
    await eventually(async () => expect((await sessions('client_id=guest')).sessions).toEqual([]));
    expect((await sessions('client_id=acme1&limit=1000')).sessions).toHaveLength(MINERS / 5);
    expect((await sessions('client_id=nobody')).sessions).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'cursor=-1',
    'cursor=1e3',
    'limit=1&limit=2',
    'client_id=a&client_id=b',
  ])('refuses /sessions?%s as a problem', async (query) => {
    const { status, headers, body } = await proxy.get(`/sessions?${query}`, ADMIN);
    expect(status).toBe(400);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ title: 'Bad Request', status: 400 });
  });

  it.each([
    ['without a token', {}],
    ['with a wrong one', { authorization: 'Bearer wrong' }],
    ['with the right one in the wrong place', { cookie: TOKEN }],
  ])('shows no session %s, on this machine either', async (_how, headers) => {
    const answer = await proxy.get(`/sessions?token=${TOKEN}`, headers);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.body).not.toContain('acme');
  });

  it('describes itself: the document is OpenAPI and has /sessions with all its fields', async () => {
    const { status, body } = await proxy.get('/docs/openapi.json');
    expect(status).toBe(200);
    const document = JSON.parse(body) as OpenApi;
    expect(document.openapi).toMatch(/^3\./);
    const described = document.components.schemas.SessionSummary?.properties ?? {};
    const [session] = (await sessions('limit=1')).sessions;
    expect(Object.keys(described).sort()).toEqual(Object.keys(session ?? {}).sort());
    const parameters = document.paths['/sessions']?.get?.parameters.map(({ name }) => name);
    expect(parameters?.sort()).toEqual(['client_id', 'cursor', 'limit']);
    expect(document.paths['/sessions']?.get?.security).not.toHaveLength(0);
    for (const path of ['/healthz', '/readyz', '/status']) expect(document.paths).toHaveProperty([path]);
    const responses = document.paths['/sessions']?.get?.responses ?? {};
    expect(Object.keys(responses)).toEqual(['200', '400', '401', '403', '429', '500']);
    const problem = document.components.schemas.Problem?.properties ?? {};
    const refused = JSON.parse((await proxy.get('/sessions?limit=0', ADMIN)).body) as object;
    // Faults are those of a configuration.
    expect(Object.keys(problem).sort()).toEqual([...Object.keys(refused), 'faults'].sort());
    figure('OpenAPI', { paths: Object.keys(document.paths).length, bytes: body.length });
  });

  it('serves the page at /docs with all that it loads', async () => {
    const { status, headers, body } = await proxy.get('/docs');
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    const assets = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(assets.length).toBeGreaterThan(2);
    let bytes = 0;
    for (const path of assets) {
      // The page works on a machine without the internet, and tells no third party who reads it.
      expect(path).not.toMatch(/^(https?:)?\/\//);
      const asset = await proxy.get(new URL(path, 'http://localhost/docs').pathname);
      expect([path, asset.status]).toEqual([path, 200]);
      bytes += asset.body.length;
    }
    figure('/docs', { assets: assets.length, bytes });
  });

  it('answers 1,000 requests of an address in ten seconds, the rest as a problem, and health always', async () => {
    const mine = { port: proxy.httpPort, host: '127.0.0.1', path: '/status' };
    const statuses: Record<number, number> = {};
    const startedAt = performance.now();
    let refused;
    for (let asked = 0; asked < LIMIT + 200; asked += 20) {
      for (const answer of await Promise.all(Array.from({ length: 20 }, () => httpGet(mine)))) {
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        if (answer.status !== 200) refused = answer;
      }
    }
    const ms = Math.round(performance.now() - startedAt);
    figure('request limit', { ms, answered: statuses[200] ?? 0, refused: statuses[429] ?? 0 });
    // On a machine so slow that the first of them are ten seconds old by now, more may be answered.
    if (ms < 10_000) expect(statuses).toEqual({ 200: LIMIT, 429: 200 });
    expect(refused?.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({ title: 'Too Many Requests', status: 429 });
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    for (const path of ['/healthz', '/readyz']) {
      const asked = await Promise.all(Array.from({ length: 20 }, () => proxy.get(path)));
      expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]));
    }
    const other = await rawHttp(proxy.httpPort, plainGet('/status'), '127.0.0.9');
    expect(other).toMatch(/^HTTP\/1.1 200 /);
  });

  async function sessions(query: string): Promise<Page> {
    return JSON.parse((await proxy.get(`/sessions?${query}`, ADMIN)).body) as Page;
  }
});

interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, { get?: { parameters: { name: string }[]; security?: unknown[]; responses: object } }>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, { properties?: object }>> };
}
