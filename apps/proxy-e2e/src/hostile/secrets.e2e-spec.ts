import {
  answer,
  authorize,
  freePort,
  httpGet,
  type ProxyProcess,
  type RawPool,
  Stage,
  submit,
} from '@mining-proxy/e2e-support';
import { figure } from './support/figures';
import { rawHttp } from './support/raw-http';

const ADMIN_TOKEN = 'planted-admin-token';
const METRICS_TOKEN = 'planted-metrics-token';
const PASSWORD = 'planted-password';
const PLANTED = /planted-/;

/** Every way that is known to make a program repeat what it was told. */
const SAID_BY_MINERS: readonly (readonly [what: string, line: string])[] = [
  ['a login', JSON.stringify(authorize(1, 'acme.rig1', PASSWORD))],
  [
    'a login of another dialect',
    JSON.stringify({ id: 1, method: 'login', params: { login: 'acme', pass: PASSWORD } }),
  ],
  ['an address or a password behind the rig', JSON.stringify(authorize(1, `acme.rig1/${PASSWORD}`, 'x'))],
  ['a password without a name', JSON.stringify(authorize(1, '', PASSWORD))],
  [
    'a password that is no text',
    JSON.stringify({ id: 1, method: 'mining.authorize', params: ['acme', { pass: PASSWORD }] }),
  ],
  ['a method that is no text', `{"id":1,"method":{"${PASSWORD}":1},"params":["${PASSWORD}"]}`],
  ['half a login', `{"id":1,"method":"mining.authorize","params":["acme.rig1","${PASSWORD}"`],
  ['a garbage line', `${PASSWORD} ${PASSWORD}`],
  [
    'a line that is too long',
    `{"id":1,"method":"mining.authorize","params":["acme","${PASSWORD}${'x'.repeat(4_000)}"]}`,
  ],
  ['a login as a list', JSON.stringify([authorize(1, 'acme.rig1', PASSWORD), PASSWORD])],
  ['a web request', `GET /?token=${PASSWORD} HTTP/1.1\r`],
  ['binary', `\u0001\u00ff${PASSWORD}\u0000`],
];

const long = (text: string) => `${text}${'x'.repeat(20_000)}`;
const ADMIN = `authorization: Bearer ${ADMIN_TOKEN}`;

const RAW_REQUESTS: readonly (readonly [what: string, bytes: string])[] = [
  ['no HTTP at all', `${ADMIN_TOKEN}\r\n\r\n`],
  ['a method that does not exist', `${ADMIN_TOKEN.toUpperCase()} /sessions HTTP/1.1\r\n\r\n`],
  ['a broken path', `GET /%ff%${ADMIN_TOKEN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
  ['a path that is too long', `GET /${long(ADMIN_TOKEN)} HTTP/1.1\r\nHost: x\r\n\r\n`],
  ['headers that are too long', `GET /sessions HTTP/1.1\r\nHost: x\r\nx: ${long(ADMIN_TOKEN)}\r\n\r\n`],
  ['a header that is none', `GET /sessions HTTP/1.1\r\nHost: x\r\n${ADMIN_TOKEN}\r\n\r\n`],
  ['a length that is none', `POST /sessions HTTP/1.1\r\nHost: x\r\nContent-Length: ${ADMIN_TOKEN}\r\n\r\n`],
  [
    'an upgrade',
    `GET /sessions HTTP/1.1\r\nHost: x\r\n${ADMIN}\r\nConnection: close, Upgrade\r\nUpgrade: ${METRICS_TOKEN}\r\n\r\n`,
  ],
  [
    'a body',
    `POST /sessions HTTP/1.1\r\nHost: x\r\n${ADMIN}\r\nConnection: close\r\nContent-Length: 19\r\n\r\n${ADMIN_TOKEN}`,
  ],
  ['a tunnel', `CONNECT ${ADMIN_TOKEN}:443 HTTP/1.1\r\nHost: x\r\n\r\n`],
];

const PATHS = [
  '/metrics',
  '/status',
  '/sessions',
  '/healthz',
  '/readyz',
  '/docs',
  '/docs/openapi.json',
  '/billing/usage',
  '/nowhere',
];

/**
 * Guards what was said in confidence: planted passwords and tokens are searched for in all that the proxy writes or
 * answers. A line that is written at some level is written at every more talkative one, so that the most talkative
 * stands for those above `info`.
 */
describe.each(['trace', 'debug', 'info'])('secrets at level %s', (level) => {
  const house = new Stage();
  const stage = new Stage();
  let pool: RawPool;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    pool = await house.rawPool();
    const settings = {
      admin_token: ADMIN_TOKEN,
      metrics_token: METRICS_TOKEN,
      log_level: level,
      max_line_bytes: 2_048,
    };
    proxy = await house.proxy({ poolPort: pool.port, proxy: settings });
  });
  afterEach(() => stage.clear());
  afterAll(() => house.clear());

  it('that miners and pools say are in no log and in no answer', async () => {
    for (const [, line] of SAID_BY_MINERS) {
      const { miner, upstream } = await stage.session(proxy, pool);
      const said = Buffer.from(`${line}\n${JSON.stringify(submit(2, 'acme.rig1'))}\n`);
      miner.write(said);
      await upstream.receives(said.length);
      upstream.say(answer(1, null, [24, `bad password ${PASSWORD}`, null]));
      upstream.write(`${PASSWORD}\n`);
      await miner.line();
      expectNothingIn(await answers({ authorization: `Bearer ${ADMIN_TOKEN}` }));
      miner.reset();
      await upstream.closes();
    }
    await proxy.atRest();
    figure(`secrets of miners, level ${level}`, {
      ways: SAID_BY_MINERS.length,
      logLines: proxy.logs.length,
      found: 0,
    });
    expectNothingLogged();
  });

  it('that callers send are in no log and in no answer, whatever is wrong with the request', async () => {
    let asked = 0;
    for (const [, bytes] of RAW_REQUESTS) {
      expect(await rawHttp(proxy.httpPort, bytes)).not.toMatch(/planted-/i);
      asked += 1;
    }
    for (const path of PATHS) {
      for (const token of [ADMIN_TOKEN, METRICS_TOKEN, 'planted-wrong']) {
        for (const method of ['GET', 'POST', 'DELETE']) {
          const target = `${path}?token=${token}&limit=${token}&client_id=${token}&client_id=${token}`;
          const headers = {
            authorization: `Bearer ${token}`,
            cookie: `s=${token}`,
            referer: `http://x/?${token}`,
          };
          const { body, headers: sent } = await httpGet({
            port: proxy.httpPort,
            path: target,
            method,
            headers,
          });
          expect(body + JSON.stringify(sent)).not.toMatch(PLANTED);
          asked += 1;
        }
      }
    }
    figure(`secrets of callers, level ${level}`, { requests: asked, logLines: proxy.logs.length, found: 0 });
    expectNothingLogged();
  });

  async function answers(headers: Readonly<Record<string, string>>): Promise<string> {
    const bodies = [];
    for (const path of ['/sessions', '/status']) bodies.push((await proxy.get(path, headers)).body);
    bodies.push((await proxy.metrics()).text);
    return bodies.join('\n');
  }

  function expectNothingIn(text: string): void {
    expect(text).toContain('stratum_');
    expect(text).not.toMatch(PLANTED);
  }

  function expectNothingLogged(): void {
    expect(proxy.output).toContain('proxy ready');
    expect(proxy.output).not.toMatch(/planted-/i);
  }
});

describe('secrets of the configuration', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it('are in no complaint about the configuration', async () => {
    const settings = {
      admin_token: [ADMIN_TOKEN],
      metrics_token: { secret: METRICS_TOKEN },
      bind_port: PASSWORD,
    };
    const refused = stage.proxy({ poolPort: await freePort(), proxy: settings });
    const message = await refused.then(String, String);
    expect(message).toContain('admin_token');
    expect(message).not.toMatch(/planted-(admin|metrics)/);
  });
});
