import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { RawPeer } from './raw-peer';
import { until } from './wait';

export interface RawPoolOptions {
  readonly port?: number;
  /** False leaves what arrives to the operating system until the test reads. */
  readonly reads?: boolean;
  /** Called for each connection, before anything is read. */
  readonly greets?: (peer: RawPeer) => void;
}

/** A pool that says what the test tells it to. */
export class RawPool {
  readonly peers: RawPeer[] = [];
  private handedOut = 0;

  private constructor(private readonly server: Server) {}

  static async listen({ port = 0, reads = true, greets }: RawPoolOptions = {}): Promise<RawPool> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: !reads });
    const pool = new RawPool(server);
    server.on('connection', (socket) => {
      const peer = new RawPeer(socket);
      if (reads) peer.read();
      pool.peers.push(peer);
      greets?.(peer);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return pool;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The next connection that was not handed out yet, in the order of their coming. */
  async next(): Promise<RawPeer> {
    const index = this.handedOut++;
    return until(`connection ${index + 1} at the pool`, () => this.peers[index]);
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
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
