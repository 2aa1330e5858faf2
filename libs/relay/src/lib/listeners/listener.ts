import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { AddressList } from '../access/address-list';
import { SERVER_OPTIONS, type SocketReading } from '../sockets/socket-reading';
import { TlsTerminator, type ListenerTls } from './tls-terminator';

/** Connections that the kernel may hold for us, for the moment when a whole farm comes back at once. */
const BACKLOG = 4_096;

/** One bound address. Port 0 takes a free one. */
export interface ListenerOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Names of the pools that its miners are sent to. */
  readonly pools: readonly string[];
  readonly tls: ListenerTls | null;
  /** Each connection begins with a PROXY header; only these blocks of addresses may send one. */
  readonly proxyProtocol: { readonly trustedCidrs: readonly string[] } | null;
  /** Whether the bytes of its sessions are hashed, as read and as delivered. */
  readonly proof: boolean;
  /** Several processes may listen there, and the kernel spreads what comes (SO_REUSEPORT). */
  readonly reusePort: boolean;
  /** A socket that listens already, handed over by whoever started this process; then `host` and `port` are its own. */
  readonly fd?: number | undefined;
}

/** One bound address. Hands over accepted sockets unread; whoever gets one listens for its error at once. */
export class Listener {
  readonly server: Server;
  /** What ends TLS on its connections; undefined where it is plain. */
  terminator: TlsTerminator | undefined;
  options: ListenerOptions;
  private trusted: AddressList | undefined;

  /** Throws where the files of its TLS cannot be used. */
  constructor(
    options: ListenerOptions,
    accepted: (socket: Socket) => void,
    private readonly failed: (error: Error) => void,
  ) {
    this.options = options;
    this.terminator = options.tls === null ? undefined : new TlsTerminator(options.tls);
    this.trusted = trustedOf(options);
    this.server = createServer(SERVER_OPTIONS, (socket) => accepted(socket));
  }

  get name(): string {
    return this.options.name;
  }

  /** Whether each connection begins with a PROXY header. */
  get wantsHeader(): boolean {
    return this.trusted !== undefined;
  }

  /** Whether this address may send a PROXY header. */
  trusts(address: string): boolean {
    return this.trusted?.has(address) ?? false;
  }

  /** The port really bound, also where 0 was asked for. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Binds. Rejects with the operating system's error, `EADDRINUSE` for one; resolves unbound if closed first. */
  listen(reading: SocketReading): Promise<void> {
    const { host, port, reusePort, fd } = this.options;
    const address = fd === undefined ? { host, port, reusePort } : { fd };
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.once('close', resolve);
      this.server.listen({ ...address, backlog: BACKLOG }, () => {
        reading.serve(this.server);
        this.server.off('error', reject);
        // An accept that fails later, with EMFILE for one, must not end the process.
        this.server.on('error', this.failed);
        resolve();
      });
    });
  }

  /** Other options for connections that come from now on, on the same address. `terminator`: of their TLS. */
  reconfigure(options: ListenerOptions, terminator: TlsTerminator | undefined): void {
    this.options = options;
    this.terminator = terminator;
    this.trusted = trustedOf(options);
  }

  /** Accepts no more. Connections that were accepted go on. */
  close(): void {
    this.server.close();
  }
}

function trustedOf({ proxyProtocol }: ListenerOptions): AddressList | undefined {
  return proxyProtocol === null ? undefined : new AddressList(proxyProtocol.trustedCidrs);
}
