import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { until, within } from './wait';

/** How a connection ended for this end: the other's FIN, and the error if there was one. */
export interface PeerEnd {
  readonly finished: boolean;
  readonly error: string | undefined;
}

/** One end of a TCP connection in a test's hand: keeps what it receives and remembers how it ended. */
export class RawPeer {
  /** The other end's FIN was read. */
  finished = false;
  error: string | undefined;
  /** Bytes received so far. */
  receivedBytes = 0;
  readonly closed: Promise<PeerEnd>;
  private readonly chunks: Buffer[] = [];
  private linesTaken = 0;
  private forgets = false;
  private reading = false;

  constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('end', () => (this.finished = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code ?? error.message));
    this.closed = new Promise((resolve) => {
      socket.once('close', () => resolve({ finished: this.finished, error: this.error }));
    });
  }

  /** Everything received so far. */
  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  read(): this {
    if (!this.reading) this.socket.on('data', (chunk: Buffer) => this.keep(chunk));
    this.reading = true;
    this.socket.resume();
    return this;
  }

  stopReading(): void {
    this.socket.pause();
  }

  /** Counts what arrives from now on instead of keeping it. */
  forget(): void {
    this.forgets = true;
  }

  /** Resolves with all that was received, once that is at least `count` bytes. */
  async receives(count: number): Promise<Buffer> {
    await until(`${count} bytes are received`, () => {
      if (this.receivedBytes < count && this.socket.closed) this.tooShort(count);
      return this.receivedBytes >= count;
    });
    return this.received;
  }

  /** The next line that was not asked for yet, as JSON. */
  async message(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.line()) as Record<string, unknown>;
  }

  async line(): Promise<string> {
    const index = this.linesTaken++;
    return until(`line ${index + 1}`, () => this.lines()[index]);
  }

  /** Whole lines received so far. */
  lines(): string[] {
    return this.received.toString().split('\n').slice(0, -1);
  }

  /** The first message received with this id and no method: the answer to a request. */
  async messageWith(id: number | string): Promise<Record<string, unknown>> {
    return until(`an answer with id ${id}`, () =>
      this.lines()
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .find((message) => message.id === id && message.method === undefined),
    );
  }

  /** Calls back with each line as it comes, in the turn in which it comes. */
  onLine(callback: (line: string) => void): void {
    let unfinished: Buffer[] = [];
    this.socket.on('data', (chunk: Buffer) => {
      let from = 0;
      for (let at = chunk.indexOf('\n'); at >= 0; at = chunk.indexOf('\n', from)) {
        unfinished.push(chunk.subarray(from, at));
        callback(Buffer.concat(unfinished.splice(0)).toString());
        from = at + 1;
      }
      if (!this.forgets) unfinished.push(chunk.subarray(from));
      else unfinished = [];
    });
  }

  write(data: Uint8Array | string): void {
    this.socket.write(data);
  }

  /** Writes as fast as the other side takes it; resolves when the system has all of it. */
  async writeAll(data: Uint8Array | string): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.socket.write(data, (error) => (error ? reject(error) : resolve())),
    );
  }

  /** One message to a line. */
  say(message: object): void {
    this.write(`${JSON.stringify(message)}\n`);
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** The other end's FIN. */
  async ended(): Promise<void> {
    await until('the other end finishes its stream', () => {
      if (this.socket.closed && !this.finished) throw new Error(`closed without FIN: ${String(this.error)}`);
      return this.finished;
    });
  }

  async closes(): Promise<PeerEnd> {
    return within('the connection closes', this.closed);
  }

  /** The other end hangs up, with a FIN or a reset, and this end does then. */
  async hungUpOn(): Promise<PeerEnd> {
    await until('the other end hangs up', () => this.finished || this.socket.closed);
    this.socket.end();
    return this.closes();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private keep(chunk: Buffer): void {
    if (!this.forgets) this.chunks.push(chunk);
    this.receivedBytes += chunk.length;
  }

  private tooShort(count: number): never {
    throw new Error(`closed after ${this.receivedBytes} of ${count} bytes: ${this.error ?? 'no error'}`);
  }
}

/** Connects and reads. */
export async function connectPeer(options: NetConnectOpts, { reads = true } = {}): Promise<RawPeer> {
  const socket = connect({ ...options, allowHalfOpen: true });
  const peer = new RawPeer(socket);
  if (reads) peer.read();
  await once(socket, 'connect');
  return peer;
}
