import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { ProxyHeaderReader, type ProxyHeader } from '../lib/listeners/proxy-header';
import type { KeyPair } from './certificates';
import { Peer } from './peer';

export interface FakePoolOptions {
  readonly port?: number;
  readonly reads?: boolean;
  /** What it shows of itself in TLS; without it the pool is plain. */
  readonly tls?: KeyPair & { readonly ca?: string; readonly requestCert?: boolean };
  /** Whether each connection begins with a PROXY header. */
  readonly header?: boolean;
}

/** A pool that says what the test tells it to. */
export class FakePool {
  readonly peers: Peer[] = [];
  /** Of connections, in the order of their coming, where the pool wants a PROXY header. */
  readonly headers: ProxyHeader[] = [];
  /** Those among them of which no peer has come, in the middle of a handshake for one. */
  private readonly sockets = new Set<Socket>();
  private handedOut = 0;
  private readonly arrival: (() => void)[] = [];

  private constructor(private readonly server: Server) {}

  /** `reads: false` leaves what arrives to the operating system until a peer's `read()`. */
  static async listen({
    port = 0,
    reads = true,
    tls,
    header = false,
  }: FakePoolOptions = {}): Promise<FakePool> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: !reads || header });
    const pool = new FakePool(server);
    const arrived = (socket: Socket): void => {
      pool.peers.push(Peer.over(socket, { reads }));
      pool.arrival.shift()?.();
    };
    const secure = tls && createTlsServer(tls, arrived);
    secure?.on('tlsClientError', (_error, socket) => socket.destroy());
    server.on('connection', (socket) => {
      pool.sockets.add(socket);
      socket.once('close', () => pool.sockets.delete(socket));
    });
    const begin = (socket: Socket): void => {
      if (secure) secure.emit('connection', socket);
      else arrived(socket);
    };
    server.on('connection', (socket) => {
      if (header) {
        readHeader(socket, (found) => {
          pool.headers.push(found);
          begin(socket);
        });
      } else begin(socket);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return pool;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next connection that was not handed out yet, in the order of their coming. */
  async next(): Promise<Peer> {
    while (this.peers.length <= this.handedOut) {
      await new Promise<void>((resolve) => this.arrival.push(resolve));
    }
    const peer = this.peers[this.handedOut]!;
    this.handedOut += 1;
    return peer;
  }

  /** Refuses whoever comes from now on; those who are here stay. */
  stopListening(): void {
    this.server.close();
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy();
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}

function readHeader(socket: Socket, found: (header: ProxyHeader) => void): void {
  const reader = new ProxyHeaderReader();
  const read = (chunk: Buffer): void => {
    const result = reader.push(chunk);
    if (!result) return;
    socket.pause();
    socket.off('data', read);
    if (result.rest.length > 0) socket.unshift(result.rest);
    found(result.header);
  };
  socket.on('error', () => socket.destroy()).on('data', read);
  socket.resume();
}

/** A port on which nobody listens, as far as that can be known. */
export async function freePort(): Promise<number> {
  const pool = await FakePool.listen();
  const { port } = pool;
  await pool.close();
  return port;
}
