import { connect, type Socket } from 'node:net';
import { connect as tlsConnect, type ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import { resetSocket } from '../lib/sockets/reset-socket';

/** How a connection ended, seen from one end: with the other's FIN, with an error, or by our own doing. */
export interface PeerEnd {
  readonly finished: boolean;
  readonly errorCode: string | undefined;
}

/** One end of a connection in a test: keeps what it receives and remembers how it ended. */
export class Peer {
  /** The other end's FIN. Rejects if the connection closes without one. */
  readonly ended: Promise<void>;
  readonly closed: Promise<PeerEnd>;

  private readonly chunks: Buffer[] = [];
  private length = 0;
  private finished = false;
  private errorCode: string | undefined;
  private readonly waiting: (() => void)[] = [];

  private constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('end', () => (this.finished = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.errorCode = error.code ?? error.message));
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        resolve({ finished: this.finished, errorCode: this.errorCode });
        this.wake();
      });
    });
    this.ended = new Promise((resolve, reject) => {
      socket.once('end', resolve);
      socket.once('close', () => reject(new Error(`closed without FIN: ${this.errorCode ?? 'no error'}`)));
    });
    // A test that does not wait for the FIN does not hear of its absence.
    this.ended.catch(() => undefined);
  }

  /** Wraps a connected socket made with `allowHalfOpen`. Where it does not read yet, `read()` starts it. */
  static over(socket: Socket, { reads = true } = {}): Peer {
    const peer = new Peer(socket);
    if (reads) peer.read();
    return peer;
  }

  /** Resolves once the connection is up, or was turned away. */
  static async connect(port: number, options: { reads?: boolean } = {}): Promise<Peer> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const peer = Peer.over(socket, options);
    await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    return peer;
  }

  /** The same through TLS, behind a PROXY header where there is one. Resolves once the handshake is over, or failed. */
  static async connectTls(
    port: number,
    { header, ...options }: TlsConnectionOptions & { readonly header?: Buffer } = {},
  ): Promise<Peer> {
    const raw = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    raw.setNoDelay(true);
    if (header) raw.on('connect', () => raw.write(header));
    const socket = tlsConnect({ rejectUnauthorized: false, ...options, socket: raw });
    const peer = Peer.over(socket);
    await new Promise((resolve) => socket.once('secureConnect', resolve).once('close', resolve));
    return peer;
  }

  /** Everything received so far. */
  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Resolves with what was received once it is at least `count` bytes. */
  async receives(count: number): Promise<Buffer> {
    while (this.length < count) {
      if (this.socket.closed) throw new Error(`closed after ${this.length} of ${count} bytes`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    return this.received;
  }

  read(): void {
    if (this.socket.listenerCount('data') === 0) this.socket.on('data', (chunk) => this.keep(chunk));
    this.socket.resume();
  }

  stopReading(): void {
    this.socket.pause();
  }

  write(data: Uint8Array | string): void {
    this.socket.write(data);
  }

  /** Finishes the stream; once is enough. */
  end(data: Uint8Array | string = ''): void {
    if (!this.socket.writableEnded) this.socket.end(data);
  }

  reset(): void {
    resetSocket(this.socket);
  }

  private keep(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.length += chunk.length;
    this.wake();
  }

  private wake(): void {
    for (const resume of this.waiting.splice(0)) resume();
  }
}
