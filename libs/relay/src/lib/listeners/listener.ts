import { BlockList, createServer, isIPv6, type AddressInfo, type Server, type Socket } from 'node:net';
import { TlsTerminator, type ListenerTls } from './tls-terminator';

/** Connections that the kernel may hold for us, for the moment when a whole farm comes back at once. */
const BACKLOG = 4_096;
const KEEP_ALIVE_AFTER_MS = 60_000;

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
}

/** One bound address. Hands over accepted sockets unread; whoever gets one listens for its error at once. */
export class Listener {
  readonly server: Server;
  /** What ends TLS on its connections; undefined where it is plain. */
  readonly terminator: TlsTerminator | undefined;
  private readonly trusted: BlockList | undefined;

  /** Throws where the files of its TLS cannot be used. */
  constructor(
    readonly options: ListenerOptions,
    accepted: (socket: Socket) => void,
    private readonly failed: (error: Error) => void,
  ) {
    const { tls, proxyProtocol } = options;
    this.terminator = tls === null ? undefined : new TlsTerminator(tls);
    this.trusted = proxyProtocol === null ? undefined : blockList(proxyProtocol.trustedCidrs);
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

  get name(): string {
    return this.options.name;
  }

  /** Whether each connection begins with a PROXY header. */
  get wantsHeader(): boolean {
    return this.trusted !== undefined;
  }

  /** Whether this address may send a PROXY header. */
  trusts(address: string): boolean {
    return this.trusted?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ?? false;
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

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}
