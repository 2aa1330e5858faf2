import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendEvents } from './receiver';

const SECRET = 'secret-of-the-receiver';

describe('sendEvents', () => {
  const servers: Server[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  async function send(listener: RequestListener, signal = new AbortController().signal, timeoutMs = 30_000) {
    const server = createServer(listener);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/events?key=${SECRET}`;
    const options = { url, token: SECRET, batchSize: 2, intervalMs: 1, timeoutMs, from: 0 };
    return sendEvents(['{"a":1}', '{"b":2}'], options, signal);
  }

  it.each([
    [200, 'taken'],
    [202, 'taken'],
    [204, 'taken'],
    [301, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [408, 'later'],
    [413, 'refused'],
    [429, 'later'],
    [500, 'later'],
    [503, 'later'],
  ])('takes the answer %d for: %s', async (status, kind) => {
    expect(await send((_, response) => response.writeHead(status).end())).toMatchObject({ kind });
  });

  it('does not wait for the end of an answer that has none', async () => {
    const answer = await send((_, response) => {
      response.writeHead(200);
      response.write('and so on');
    });
    expect(answer).toEqual({ kind: 'taken' });
  });

  it('gives up when it is told to', async () => {
    const abort = new AbortController();
    const answer = send(() => abort.abort(), abort.signal);
    expect(await answer).toMatchObject({ kind: 'later' });
  });

  it('says what is wrong without the address, the token, or what was answered', async () => {
    const answers = [
      await send((_, response) => response.writeHead(403).end(`no such token: ${SECRET}`)),
      await send((request) => request.socket.destroy()),
      await send(() => undefined, undefined, 20),
      await sendEvents(
        ['{}'],
        {
          url: `http://nowhere.invalid/${SECRET}`,
          token: SECRET,
          batchSize: 1,
          intervalMs: 1,
          timeoutMs: 9_000,
          from: 0,
        },
        new AbortController().signal,
      ),
    ];
    expect(answers).toMatchObject([
      { kind: 'refused', reason: 'the receiver answers 403' },
      { kind: 'later', reason: expect.stringContaining('cannot be reached: UND_ERR_SOCKET') as string },
      { kind: 'later', reason: 'the receiver does not answer within 20 ms' },
      { kind: 'later', reason: expect.stringContaining('cannot be reached: E') as string },
    ]);
    expect(JSON.stringify(answers)).not.toContain(SECRET);
  });
});
