import { networkInterfaces } from 'node:os';
import { httpGet, type ProxyProcess, Stage } from '@mining-proxy/e2e-support';

const ADMIN_TOKEN = 'admin-token-for-the-tests';
const METRICS_TOKEN = 'metrics-token-for-the-tests';
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** An address of this machine that is not loopback, if it has one. */
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

/** Guards the HTTP side: nobody sees a client's numbers by default, and no answer leaks. */
describe('access without tokens', () => {
  const house = new Stage();
  let proxy: ProxyProcess;

  beforeAll(async () => {
    const pool = await house.rawPool();
    proxy = await house.proxy({ poolPort: pool.port, proxy: { metrics_bind_address: '0.0.0.0' } });
  });
  afterAll(() => house.clear());

  it.each(['/healthz', '/readyz', '/status', '/metrics'])('answers %s to everybody', async (path) => {
    expect((await proxy.get(path, { host: 'proxy.example.com' })).status).toBe(200);
  });

  it('shows clients in /status to a caller on this machine', async () => {
    expect(await proxy.json('/status')).toHaveProperty('clients');
  });

  it.each([
    ['a foreign Host, as a browser sends that was led here', { host: 'evil.example.com' }],
    ['X-Forwarded-For', { 'x-forwarded-for': '203.0.113.7' }],
    ['Forwarded', { forwarded: 'for=203.0.113.7' }],
    ['Via', { via: '1.1 front' }],
    ['X-Real-IP', { 'x-real-ip': '203.0.113.7' }],
  ])('hides clients from a local caller with %s', async (_name, headers) => {
    const { status, body } = await proxy.get('/status', headers);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toHaveProperty('totals');
    expect(JSON.parse(body)).not.toHaveProperty('clients');
  });

  (outside === undefined ? it.skip : it)('hides clients from a caller on another address', async () => {
    const asked = { host: outside ?? '', port: proxy.httpPort, path: '/status' };
    const { status, body } = await httpGet({ ...asked, headers: { host: 'localhost' } });
    expect(status).toBe(200);
    expect(JSON.parse(body)).not.toHaveProperty('clients');
  });

  it('answers what does not exist as a problem that gives nothing away', async () => {
    const { status, headers, body } = await proxy.get('/no/such/page?token=hunter2-in-the-query');
    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(body).not.toMatch(/node_modules|\bat .*:\d+/);
    expect(proxy.output).not.toContain('hunter2');
  });

  it('changes nothing for a caller who posts', async () => {
    for (const path of ['/status', '/metrics', '/readyz']) {
      const { status } = await httpGet({ port: proxy.httpPort, path, method: 'POST' });
      expect(status).toBe(404);
    }
  });
});

describe('access with tokens', () => {
  const house = new Stage();
  let proxy: ProxyProcess;

  beforeAll(async () => {
    const pool = await house.rawPool();
    const tokens = { admin_token: ADMIN_TOKEN, metrics_token: METRICS_TOKEN };
    proxy = await house.proxy({ poolPort: pool.port, proxy: tokens });
  });
  afterAll(() => house.clear());

  it.each([
    ['no token', {}],
    ['a wrong one', bearer('metrics-token-for-the-test')],
    ['the admin token', bearer(ADMIN_TOKEN)],
    ['another scheme', { authorization: `Basic ${METRICS_TOKEN}` }],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('refuses /metrics with %s', async (_name, headers) => {
    const answer = await proxy.get('/metrics', headers);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).not.toContain(METRICS_TOKEN);
    expect(answer.body).not.toContain('stratum_');
  });

  it('answers /metrics with the metrics token', async () => {
    const { status, body } = await proxy.get('/metrics', bearer(METRICS_TOKEN));
    expect(status).toBe(200);
    expect(body).toContain('stratum_active_connections');
  });

  it('shows clients in /status with the admin token only, on this machine too', async () => {
    expect(JSON.parse((await proxy.get('/status', bearer(ADMIN_TOKEN))).body)).toHaveProperty('clients');
    for (const headers of [{}, bearer('wrong'), bearer(METRICS_TOKEN)]) {
      const { status, body } = await proxy.get('/status', headers);
      expect(status).toBe(200);
      expect(JSON.parse(body)).not.toHaveProperty('clients');
    }
  });

  it.each(['/healthz', '/readyz'])('answers %s without a token', async (path) => {
    expect((await proxy.get(path)).status).toBe(200);
  });

  it('never prints a token', () => {
    expect(proxy.output).toContain('proxy ready');
    expect(proxy.output).not.toContain(ADMIN_TOKEN);
    expect(proxy.output).not.toContain(METRICS_TOKEN);
  });
});
