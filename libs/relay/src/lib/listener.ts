import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ListenerOptions } from './relay-options';

/** Connections that the kernel may hold for us, for the moment when a whole farm comes back at once. */
const BACKLOG = 4_096;
const KEEP_ALIVE_AFTER_MS = 60_000;

/** One bound address. Hands over accepted sockets unread; whoever gets one listens for its error at once. */
export class Listener {
  readonly server: Server;

  constructor(
    readonly options: ListenerOptions,
    accepted: (socket: Socket) => void,
    private readonly failed: (error: Error) => void,
  ) {
    this.server = createServer(
      {
        allowHalfOpen: true,
        pauseOnConnect: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
      },
      (socket) => accepted(socket),
    );
  }

  /** The port really bound, also where 0 was asked for. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Binds. Rejects with the operating system's error, `EADDRINUSE` for one; resolves unbound if closed first. */
  listen(): Promise<void> {
    const { host, port } = this.options;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.once('close', resolve);
      this.server.listen({ host, port, backlog: BACKLOG }, () => {
        this.server.off('error', reject);
        // An accept that fails later, with EMFILE for one, must not end the process.
        this.server.on('error', this.failed);
        resolve();
      });
    });
  }

  /** Accepts no more. Connections that were accepted go on. */
  close(): void {
    this.server.close();
  }
}
