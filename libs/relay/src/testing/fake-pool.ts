import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Peer } from './peer';

/** A pool that says what the test tells it to. */
export class FakePool {
  readonly peers: Peer[] = [];
  private handedOut = 0;
  private readonly arrival: (() => void)[] = [];

  private constructor(private readonly server: Server) {}

  /** `reads: false` leaves what arrives to the operating system until a peer's `read()`. */
  static async listen({ port = 0, reads = true } = {}): Promise<FakePool> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: !reads });
    const pool = new FakePool(server);
    server.on('connection', (socket) => {
      pool.peers.push(Peer.over(socket, { reads }));
      pool.arrival.shift()?.();
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
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A port on which nobody listens, as far as that can be known. */
export async function freePort(): Promise<number> {
  const pool = await FakePool.listen();
  const { port } = pool;
  await pool.close();
  return port;
}
