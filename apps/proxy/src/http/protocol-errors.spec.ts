import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { RunningProxy } from '../testing/running-proxy';
import { TestLog } from '../testing/test-log';
import { boundConnections } from './bound-connections';
import { answerProtocolErrors } from './protocol-errors';

const CONTENT_TYPE = 'content-type: application/problem+json; charset=utf-8';

/** Writes the bytes, and gives all that comes back until the server hangs up. */
async function tell(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString()));
  socket.write(text);
  await once(socket, 'close');
  return received;
}

function expectProblem(answer: string, status: number, title: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head.split('\r\n')[0]).toBe(`HTTP/1.1 ${status} ${title}`);
  expect(head.toLowerCase()).toContain(CONTENT_TYPE);
  expect(JSON.parse(body)).toEqual({ type: 'about:blank', title, status });
}

describe('the HTTP port', () => {
  let proxy: RunningProxy;
  const log = new TestLog();

  beforeEach(async () => (proxy = await RunningProxy.create(log)));
  afterEach(() => proxy.stop());

  it.each([
    ['what is no HTTP', 'secret garbage\r\n\r\n', 400, 'Bad Request'],
    [
      'headers of 20 kB',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'Request Header Fields Too Large',
    ],
  ])('answers %s with a problem, hangs up and goes on', async (_what, text, status, title) => {
    expectProblem(await tell(proxy.httpPort, text), status, title);
    expect((await proxy.ask('/healthz')).status).toBe(200);
  });

  it('answers garbage behind a request that was answered', async () => {
    const socket = connect(proxy.httpPort, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1.1 200 /);
    socket.write('garbage\r\n\r\n');
    const [second] = (await once(socket, 'data')) as [Buffer];
    expectProblem(second.toString(), 400, 'Bad Request');
    await once(socket, 'close');
  });

  it('without a Host answers what is open to anybody, and refuses the rest as a problem', async () => {
    const request = (path: string) => `GET ${path} HTTP/1.1\r\nConnection: close\r\n\r\n`;
    expect(await tell(proxy.httpPort, request('/healthz'))).toMatch(/^HTTP\/1.1 200 /);
    for (const path of ['/sessions', '/billing/usage']) {
      const refused = await tell(proxy.httpPort, request(path));
      expect(refused).toMatch(/^HTTP\/1.1 401 /);
      expect(refused.toLowerCase()).toContain(CONTENT_TYPE);
    }
    expect(await tell(proxy.httpPort, request('/status'))).not.toContain('"clients"');
  });
});

describe('answerProtocolErrors', () => {
  let server: Server;
  let port: number;

  beforeEach(async () => {
    server = createServer((_request, response) => void response.write('begun'));
    boundConnections(server, { connections: 8, headersMs: 100, requestMs: 200, checkEveryMs: 20 });
    answerProtocolErrors(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('leaves the bounds of time in force, and says that they were reached', async () => {
    expectProblem(await tell(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '), 408, 'Request Timeout');
  });

  it('puts nothing into an answer that has begun, and hangs up', async () => {
    const socket = connect(port, '127.0.0.1');
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.write('garbage\r\n\r\n');
    await once(socket, 'close');
    expect(received).toContain('begun');
    expect(received).not.toContain('about:blank');
  });

  it('bears callers that are gone', async () => {
    const accepted = once(server, 'connection');
    const caller = connect(port, '127.0.0.1');
    const [socket] = (await accepted) as [Socket];
    const gone = new Promise((resolve) => socket.once('close', resolve));
    caller.resetAndDestroy();
    await gone;
    const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(() => server.emit('clientError', reset, socket)).not.toThrow();
  });
});
