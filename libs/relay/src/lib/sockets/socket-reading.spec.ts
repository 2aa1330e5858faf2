import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { READINGS } from '../../testing';
import {
  SERVER_OPTIONS,
  chooseReading,
  dataReading,
  probe,
  queuedBytes,
  type SocketReading,
} from './socket-reading';

describe.each(READINGS)('Socket reading with %s', (name, reading) => {
  it('passes the probe on this Node', async () => {
    expect(await probe(reading)).toBe(true);
  });

  it('says its name', () => {
    expect(reading.name).toBe(name);
  });

  it('leaves an accepted socket unread until it is resumed', async () => {
    const { peer, client, close } = await accept(reading);
    const chunks: string[] = [];
    peer.onChunk = (chunk) => chunks.push(chunk.toString());
    client.write('early');
    // A second connection that is answered has come after the first one's bytes.
    expect(await probe(reading)).toBe(true);
    expect(chunks).toEqual([]);
    const ended = once(peer.socket, 'end');
    client.end();
    peer.socket.resume();
    await ended;
    expect(chunks.join('')).toBe('early');
    await close();
  });

  // The kernel's own table says what its timer of a connection is for.
  (process.platform === 'linux' ? it : it.skip)('has a silent peer asked whether it is there', async () => {
    const { peer, close } = await accept(reading);
    const { localPort = 0, remotePort = 0 } = peer.socket;
    const [from, to] = [localPort, remotePort].map((port) =>
      port.toString(16).toUpperCase().padStart(4, '0'),
    );
    const line = new RegExp(`:${from} [0-9A-F]{8}:${to} 01 \\S+ (\\d\\d):`);
    const KEEP_ALIVE = '02';
    expect(line.exec(readFileSync('/proc/self/net/tcp', 'utf8'))?.[1]).toBe(KEEP_ALIVE);
    await close();
  });

  it('hands on chunks that may be kept while others are read', async () => {
    const { peer, client, close } = await accept(reading);
    const kept: Buffer[] = [];
    peer.onChunk = (chunk) => kept.push(chunk);
    peer.socket.resume();
    for (const text of ['first', 'other']) {
      client.write(text);
      await new Promise<void>((resolve) => {
        peer.onChunk = (chunk) => {
          kept.push(chunk);
          resolve();
        };
      });
    }
    expect(kept.map(String)).toEqual(['first', 'other']);
    await close();
  });

  it('lets the server close when its accepted sockets are gone', async () => {
    const { peer, server, close } = await accept(reading);
    const count = () => new Promise((resolve) => server.getConnections((_error, n) => resolve(n)));
    expect(await count()).toBe(1);
    const closed = once(peer.socket, 'close');
    peer.socket.destroy();
    await closed;
    expect(await count()).toBe(0);
    await close();
  });

  it('knows the bytes that the operating system has not taken', async () => {
    const { peer, client, close } = await accept(reading);
    const total = 32 << 20;
    client.pause();
    peer.socket.write(Buffer.alloc(total));
    const queued = queuedBytes(peer.socket);
    expect(queued).toBeGreaterThan(0);
    peer.socket.destroy();
    let received = 0;
    client.on('data', (chunk) => (received += chunk.length)).resume();
    await once(client, 'end');
    expect(received).toBe(total - queued);
    await close();
  });
});

describe('The probe', () => {
  it('refuses a reading that alters bytes', async () => {
    const altering: SocketReading = {
      ...dataReading,
      accept: (socket) => {
        const peer = dataReading.accept(socket);
        const write = peer.socket.write.bind(peer.socket);
        jest.spyOn(peer.socket, 'write').mockImplementation(() => write('!'));
        return peer;
      },
    };
    expect(await probe(altering)).toBe(false);
  });

  it('refuses a reading that breaks connections', async () => {
    const breaking: SocketReading = {
      ...dataReading,
      accept: (socket) => dataReading.accept(socket.resetAndDestroy()),
    };
    expect(await probe(breaking)).toBe(false);
  });

  it('refuses a reading that throws', async () => {
    const throwing: SocketReading = {
      ...dataReading,
      accept: () => {
        throw new TypeError('no handle');
      },
    };
    expect(await probe(throwing)).toBe(false);
  });

  it('refuses a reading that never answers', async () => {
    const mute: SocketReading = {
      ...dataReading,
      accept: (socket) => ({ socket, onChunk: () => undefined }),
    };
    expect(await probe(mute, 60)).toBe(false);
  });

  it('refuses a reading that hides accepted sockets from their server', async () => {
    const hiding: SocketReading = {
      ...dataReading,
      accept: (socket) => dataReading.accept(Object.assign(socket, { _server: null })),
    };
    expect(await probe(hiding, 60)).toBe(false);
  });

  it('chooses the faster one', async () => {
    expect((await chooseReading()).name).toBe('onread');
  });
});

/** An accepted socket under the reading, and the connection's other end. */
async function accept(reading: SocketReading) {
  const server = createServer(SERVER_OPTIONS);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  reading.serve(server);
  const accepted = new Promise<ReturnType<SocketReading['accept']>>((resolve) =>
    server.once('connection', (socket) => resolve(reading.accept(socket))),
  );
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const peer = await accepted;
  const close = async () => {
    client.destroy();
    peer.socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { peer, client, server, close };
}
