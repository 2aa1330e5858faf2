import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { takeProxyHeader } from './proxy-header';
import { RawPeer } from './raw-peer';
import { until } from './wait';

export interface RawPoolOptions {
  readonly port?: number;
  /** False leaves what arrives to the operating system until the test reads. */
  readonly reads?: boolean;
  /** Wants a PROXY header of version 2 before all else. */
  readonly wantsHeader?: boolean;
  /** Speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Called for each connection, before anything is read but its header and its handshake. */
  readonly greets?: (peer: RawPeer) => void;
}

/** A pool that says what the test tells it to. */
export class RawPool {
  readonly peers: RawPeer[] = [];
  /** The addresses in PROXY headers, in the order of their coming. */
  readonly sources: string[] = [];
  /** All connections, those among them that are in the middle of a header or a handshake. */
  private readonly sockets = new Set<Socket>();
  private bound = 0;
  private handedOut = 0;

  private constructor(private readonly server: Server) {}

  static async listen({
    port = 0,
    reads = true,
    wantsHeader = false,
    tls,
    greets,
  }: RawPoolOptions = {}): Promise<RawPool> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: !reads || wantsHeader });
    const pool = new RawPool(server);
    const arrived = (socket: Socket): void => {
      const peer = new RawPeer(socket);
      if (reads) peer.read();
      pool.peers.push(peer);
      greets?.(peer);
    };
    const secure = tls && createTlsServer({ ...tls, allowHalfOpen: true }, arrived);
    const begin = (socket: Socket): void => {
      if (secure) secure.emit('connection', socket);
      else arrived(socket);
    };
    server.on('connection', (socket) => {
      pool.sockets.add(socket.once('close', () => pool.sockets.delete(socket)));
      if (!wantsHeader) {
        begin(socket);
        return;
      }
      takeProxyHeader(socket, (source) => {
        pool.sources.push(source);
        begin(socket);
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    pool.bound = (server.address() as AddressInfo).port;
    return pool;
  }

  /** Known also once it is closed. */
  get port(): number {
    return this.bound;
  }

  /** The next connection that was not handed out yet, in the order of their coming. */
  async next(): Promise<RawPeer> {
    const index = this.handedOut++;
    return until(`connection ${index + 1} at the pool`, () => this.peers[index]);
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A port on which nobody listens, as far as that can be known. */
export async function freePort(): Promise<number> {
  const pool = await RawPool.listen();
  const { port } = pool;
  await pool.close();
  return port;
}
