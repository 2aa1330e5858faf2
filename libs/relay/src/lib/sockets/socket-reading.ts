import {
  Socket,
  connect,
  createServer,
  type AddressInfo,
  type Server,
  type TcpNetConnectOpts,
} from 'node:net';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as tlsConnect, TLSSocket, type ConnectionOptions } from 'node:tls';

/**
 * The one file that touches what `node:net` does not promise: how a server makes its sockets, where a socket keeps what it
 * reads with, which is needed to read an accepted one through `onread` (Node offers that for dialled sockets only), and the
 * exact length of a socket's write queue. `probe` proves at start that this Node still works that way; where it does not,
 * plain `data` events do the same, a little slower.
 */

/** One socket of a session. `onChunk` gets each chunk as it was read; the chunk may be kept. */
export interface RelaySocket {
  readonly socket: Socket;
  onChunk: (chunk: Buffer) => void;
}

/** Where to connect to. */
export type DialTarget = Pick<TcpNetConnectOpts, 'host' | 'port' | 'lookup'>;

/** A way to get the bytes out of sockets. */
export interface SocketReading {
  readonly name: 'onread' | 'data';
  /** Makes a server ready that has begun to listen. */
  serve(server: Server): void;
  /** Takes over a socket accepted with `pauseOnConnect`; it stays paused until `resume()`. */
  accept(accepted: Socket): RelaySocket;
  /** Starts a connection; bytes flow as soon as it is up. */
  dial(target: DialTarget): RelaySocket;
  /** The same in TLS: the bytes are those inside of it. */
  dialTls(options: DialTarget & ConnectionOptions): RelaySocket;
}

/** Bytes that may wait in one socket's write queue before its source is paused. */
export const WRITE_QUEUE_BYTES = 64 * 1024;

/** A connection that has been silent for so long is asked whether it is still there. */
const KEEP_ALIVE_AFTER_MS = 60_000;

const READ_BUFFER_BYTES = 64 * 1024;

interface TcpHandle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
  /** Has bytes read into this buffer, from now on. */
  useUserBuffer(buffer: Buffer): void;
}

interface SocketInternals {
  readonly _handle: TcpHandle | null;
  server: unknown;
  _server: unknown;
  [symbol: symbol]: unknown;
}

interface ServerInternals {
  readonly _handle: ListeningHandle | null;
  _connections: number;
}

interface ListeningHandle {
  /** Called with each connection, or with the number of an error. */
  onconnection: (status: number, handle: TcpHandle) => void;
}

// Methods of the prototype that the type declarations of `Socket` hide from a cast.
const internals = (socket: Socket): SocketInternals => socket as unknown as SocketInternals;

const ignoreChunk = (): void => undefined;

/** Reads with plain `data` events: a buffer of its own for each chunk. */
export const dataReading: SocketReading = {
  name: 'data',
  serve: () => undefined,
  accept: (accepted) => withDataEvents(accepted),
  dial: (target) => withDataEvents(connect({ ...SOCKET_OPTIONS, ...target })),
  dialTls: (options) => withDataEvents(tlsConnect({ ...SOCKET_OPTIONS, ...options })),
};

const SOCKET_OPTIONS = {
  allowHalfOpen: true,
  writableHighWaterMark: WRITE_QUEUE_BYTES,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
} as const;

/** What a server is made with whose connections are read here. */
export const SERVER_OPTIONS = {
  allowHalfOpen: SOCKET_OPTIONS.allowHalfOpen,
  pauseOnConnect: true,
  noDelay: SOCKET_OPTIONS.noDelay,
  keepAlive: SOCKET_OPTIONS.keepAlive,
  keepAliveInitialDelay: SOCKET_OPTIONS.keepAliveInitialDelay,
  highWaterMark: WRITE_QUEUE_BYTES,
} as const;

/**
 * What Node sets in its own copy of a socket's options. With all members there from the start the copy gets none more: to
 * one that does, V8 gives a hidden class that nobody else has, and each of some thirty options is read from it the slow way.
 */
const STREAM_OPTIONS = { emitClose: false, autoDestroy: true, decodeStrings: false } as const;

/** Reads any socket with plain `data` events. One that is connected stays paused until `resume()`. */
export function withDataEvents(socket: Socket): RelaySocket {
  const relaySocket: RelaySocket = { socket, onChunk: ignoreChunk };
  socket.on('data', (chunk: Buffer) => relaySocket.onChunk(chunk));
  // A listener for 'data' starts the flow; an accepted socket waits for its pool first.
  if (!socket.connecting) socket.pause();
  return relaySocket;
}

/**
 * Reads through `onread` into one buffer shared by all sockets. A read fills it and is handed on before the
 * next read of any socket begins, so that no two ever use it at once. What is handed on is a copy from
 * Node's small-buffer pool: a view could still stand in a write queue when the next read overwrites it, and
 * whether it will is known only after the write.
 */
export function onreadReading(): SocketReading {
  const shared = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  const keys = readKeys();
  return {
    name: 'onread',
    serve: acceptQuickly,
    accept: (accepted) => new OnreadSocket(shared, (onread) => readThrough(accepted, onread, keys)),
    dial: (target) => new OnreadSocket(shared, (onread) => dialThrough(target, onread)),
    dialTls: (options) =>
      new OnreadSocket(shared, (onread) =>
        // Promised by Node's documentation where no socket is given; its types do not know it.
        tlsConnect({ ...SOCKET_OPTIONS, ...options, onread } as ConnectionOptions),
      ),
  };
}

/** Node fills the buffer, and calls back with how much it has read. */
interface Onread {
  readonly buffer: Buffer;
  readonly callback: (length: number) => boolean;
}

class OnreadSocket implements RelaySocket {
  onChunk: (chunk: Buffer) => void = ignoreChunk;
  readonly socket: Socket;

  constructor(shared: Buffer, open: (onread: Onread) => Socket) {
    const callback = (length: number): boolean => {
      const chunk = Buffer.allocUnsafe(length);
      shared.copy(chunk, 0, 0, length);
      this.onChunk(chunk);
      return true;
    };
    this.socket = open({ buffer: shared, callback });
  }
}

/** Member by member: a copy by spread is slow, and every miner needs one. */
function dialThrough({ host, port, lookup }: DialTarget, onread: Onread): Socket {
  const options = {
    host,
    port,
    lookup,
    onread,
    allowHalfOpen: SOCKET_OPTIONS.allowHalfOpen,
    writableHighWaterMark: SOCKET_OPTIONS.writableHighWaterMark,
    noDelay: SOCKET_OPTIONS.noDelay,
    keepAlive: SOCKET_OPTIONS.keepAlive,
    keepAliveInitialDelay: SOCKET_OPTIONS.keepAliveInitialDelay,
    emitClose: STREAM_OPTIONS.emitClose,
    autoDestroy: STREAM_OPTIONS.autoDestroy,
    decodeStrings: STREAM_OPTIONS.decodeStrings,
  };
  return connect(options);
}

/**
 * Makes the sockets of a listening server as Node does for one with `SERVER_OPTIONS`, from options that have all members at once: see `STREAM_OPTIONS`. What else a server can be asked for
 * (`maxConnections`, a `blockList`) has no effect here.
 */
function acceptQuickly(server: Server): void {
  const inside = server as unknown as ServerInternals;
  const listening = inside._handle;
  if (listening === null) return;
  const { onconnection } = listening;
  listening.onconnection = (status, handle) => {
    if (status !== 0) {
      onconnection.call(listening, status, handle);
      return;
    }
    const options = {
      handle,
      pauseOnCreate: true,
      allowHalfOpen: SOCKET_OPTIONS.allowHalfOpen,
      readableHighWaterMark: WRITE_QUEUE_BYTES,
      writableHighWaterMark: SOCKET_OPTIONS.writableHighWaterMark,
      emitClose: STREAM_OPTIONS.emitClose,
      autoDestroy: STREAM_OPTIONS.autoDestroy,
      decodeStrings: STREAM_OPTIONS.decodeStrings,
    };
    const socket = new Socket(options);
    socket.setNoDelay(SOCKET_OPTIONS.noDelay);
    socket.setKeepAlive(SOCKET_OPTIONS.keepAlive, SOCKET_OPTIONS.keepAliveInitialDelay);
    // The server counts its connections through these, and its close waits for the count.
    inside._connections += 1;
    const made = internals(socket);
    made.server = server;
    made._server = server;
    server.emit('connection', socket);
  };
}

/** Where a socket keeps its buffer and what is called when that is filled. */
interface ReadKeys {
  readonly buffer: symbol | undefined;
  readonly callback: symbol | undefined;
}

function readKeys(): ReadKeys {
  const keys = Object.getOwnPropertySymbols(new Socket());
  const called = (name: string) => keys.find(({ description }) => description === name);
  return { buffer: called('kBuffer'), callback: called('kBufferCb') };
}

/** Does to an accepted, still unread socket what Node does to one that is made with `onread`. */
function readThrough(accepted: Socket, { buffer, callback }: Onread, keys: ReadKeys): Socket {
  if (keys.buffer === undefined || keys.callback === undefined) throw new Error('sockets are another way');
  const inside = internals(accepted);
  inside[keys.buffer] = buffer;
  inside[keys.callback] = callback;
  inside._handle?.useUserBuffer(buffer);
  return accepted;
}

/** Bytes written to the socket that the operating system has not taken yet, to the byte where Node tells. */
export function queuedBytes(socket: Socket): number {
  // What waits in TLS is longer than what was written into it.
  if (socket instanceof TLSSocket) return socket.writableLength;
  const handle = internals(socket)._handle;
  if (!handle || typeof handle.writeQueueSize !== 'number' || typeof handle.bytesWritten !== 'number') {
    return socket.writableLength;
  }
  // `bytesWritten` of the socket includes what waits in JavaScript, that of the handle what waits in libuv.
  return socket.bytesWritten - handle.bytesWritten + handle.writeQueueSize;
}

/** The fastest reading that this Node supports, found out by a connection to ourselves. */
export async function chooseReading(): Promise<SocketReading> {
  const reading = onreadReading();
  return (await probe(reading)) ? reading : dataReading;
}

const PROBE_TIMEOUT_MS = 2_000;

/** True if a byte crosses an accepted socket both ways, a half-close arrives and the server can close. */
export async function probe(reading: SocketReading, timeoutMs = PROBE_TIMEOUT_MS): Promise<boolean> {
  const server = createServer(SERVER_OPTIONS);
  const signal = AbortSignal.timeout(timeoutMs);
  const sockets: Socket[] = [];
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening', { signal });
    reading.serve(server);
    const { port } = server.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(client);
    // What fails is seen by the waits below, each of which ends at the time-out.
    client.on('error', () => client.destroy());
    client.end('?');
    const [accepted] = (await once(server, 'connection', { signal })) as [Socket];
    sockets.push(accepted);
    // Its byte is there: paused means that nobody has taken it.
    await nextTurn();
    if (accepted.bytesRead > 0 || !accepted.allowHalfOpen) return false;
    const peer = reading.accept(accepted);
    sockets.push(peer.socket);
    echo(peer);
    const [answer] = (await once(client, 'data', { signal })) as [Buffer];
    await once(client, 'end', { signal });
    server.close();
    await once(server, 'close', { signal });
    return answer.equals(Buffer.from('?'));
  } catch {
    // Whatever it is that does not work here, the other reading does not need it.
    return false;
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

function echo(peer: RelaySocket): void {
  peer.onChunk = (chunk) => peer.socket.write(chunk);
  peer.socket.on('end', () => peer.socket.end());
  peer.socket.on('error', () => peer.socket.destroy());
  peer.socket.resume();
}
