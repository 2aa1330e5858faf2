import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { ask } from '../testing/ask';
import { boundConnections } from './bound-connections';

const BOUNDS = { connections: 2, headersMs: 100, requestMs: 200, checkEveryMs: 20 };

describe('boundConnections', () => {
  let server: Server;
  let port: number;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    server = createServer((_request, response) => response.end('{}'));
    boundConnections(server, BOUNDS);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  async function says(text: string): Promise<{ answered: () => string; closed: Promise<unknown> }> {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    // One that is not let in is reset.
    socket.on('error', () => socket.destroy());
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString()));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await once(socket, 'connect');
    socket.write(text);
    return { answered: () => received, closed };
  }

  it.each([
    ['nothing', ''],
    ['half of its headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    ['half of its body', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx'],
  ])(
    'hangs up on a caller that sends %s, within the times set and not at the pace of Node',
    async (_what, text) => {
      const startedAt = performance.now();
      await (
        await says(text)
      ).closed;
      // Node would look after 30 s for the first time.
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    },
  );

  it('lets no more in than it may, and lets others in when those have gone', async () => {
    const inside = await Promise.all([says(''), says('')]);
    const outside = await says('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await outside.closed;
    expect(outside.answered()).toBe('');
    await Promise.all(inside.map(({ closed }) => closed));
    expect((await ask(port, '/')).status).toBe(200);
  });
});
