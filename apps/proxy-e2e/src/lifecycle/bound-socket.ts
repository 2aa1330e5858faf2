import * as net from 'node:net';

/** What Node's own cluster binds with. */
interface BoundHandle {
  readonly fd: number;
  getsockname(into: object): void;
  close(): void;
}

/**
 * A port of loopback that is bound and stays so, whoever listens to it, as systemd keeps it for a socket unit. The first
 * process that it is handed to begins to listen; from then on the kernel takes connections, also while there is none.
 */
export class BoundSocket {
  private readonly handle: BoundHandle;
  readonly port: number;

  constructor() {
    const binding = net as unknown as {
      _createServerHandle: (host: string, port: number, family: number) => BoundHandle;
    };
    this.handle = binding._createServerHandle('127.0.0.1', 0, 4);
    const name: { port?: number } = {};
    this.handle.getsockname(name);
    this.port = name.port ?? 0;
  }

  get fd(): number {
    return this.handle.fd;
  }

  close(): void {
    this.handle.close();
  }
}
