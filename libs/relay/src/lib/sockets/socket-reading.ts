import { Socket, connect, createServer, type AddressInfo, type TcpNetConnectOpts } from 'node:net';
import { once } from 'node:events';
import { connect as tlsConnect, TLSSocket, type ConnectionOptions } from 'node:tls';

/**
 * The one file that touches what `node:net` does not promise: the `_handle` of an accepted socket, which is
 * needed to read it through `onread` (Node offers that for dialled sockets only), and the exact length of a
 * socket's write queue. `probeOnread` proves at start that this Node still works that way; where it does not,
 * plain `data` events do the same, a little slower.
 */

/** One socket of a session. `onChunk` gets each chunk as it was read; the chunk may be kept. */
export interface RelaySocket {
  readonly socket: Socket;
  onChunk: (chunk: Buffer) => void;
}

/** A way to get the bytes out of sockets. */
export interface SocketReading {
  readonly name: 'onread' | 'data';
  /** Takes over a socket accepted with `pauseOnConnect`; it stays paused until `resume()`. */
  accept(accepted: Socket): RelaySocket;
  /** Starts a connection; bytes flow as soon as it is up. */
  dial(options: TcpNetConnectOpts): RelaySocket;
  /** The same in TLS: the bytes are those inside of it. */
  dialTls(options: TcpNetConnectOpts & ConnectionOptions): RelaySocket;
}

/** Bytes that may wait in one socket's write queue before its source is paused. */
export const WRITE_QUEUE_BYTES = 64 * 1024;

const READ_BUFFER_BYTES = 64 * 1024;

interface TcpHandle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

interface SocketInternals {
  _handle: TcpHandle | null;
  _server: unknown;
  server: unknown;
}

// Methods of the prototype that the type declarations of `Socket` hide from a cast.
const internals = (socket: Socket): SocketInternals => socket as unknown as SocketInternals;

const ignoreChunk = (): void => undefined;

/** Reads with plain `data` events: a buffer of its own for each chunk. */
export const dataReading: SocketReading = {
  name: 'data',
  accept: (accepted) => withDataEvents(accepted),
  dial: (options) => withDataEvents(connect({ ...SOCKET_OPTIONS, ...options })),
  dialTls: (options) => withDataEvents(tlsConnect({ ...SOCKET_OPTIONS, ...options })),
};

const SOCKET_OPTIONS = { allowHalfOpen: true, writableHighWaterMark: WRITE_QUEUE_BYTES } as const;

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
  const receiver = () => {
    const target: { onChunk: (chunk: Buffer) => void } = { onChunk: ignoreChunk };
    const callback = (length: number): boolean => {
      const chunk = Buffer.allocUnsafe(length);
      shared.copy(chunk, 0, 0, length);
      target.onChunk(chunk);
      return true;
    };
    return { target, onread: { buffer: shared, callback } };
  };
  return {
    name: 'onread',
    accept(accepted) {
      const { target, onread } = receiver();
      return Object.assign(target, { socket: readopt(accepted, onread) });
    },
    dial(options) {
      const { target, onread } = receiver();
      return Object.assign(target, { socket: connect({ ...SOCKET_OPTIONS, ...options, onread }) });
    },
    dialTls(options) {
      const { target, onread } = receiver();
      return Object.assign(target, {
        // Promised by Node's documentation where no socket is given; its types do not know it.
        socket: tlsConnect({ ...SOCKET_OPTIONS, ...options, onread } as ConnectionOptions),
      });
    },
  };
}

/** Moves the connection of an accepted, still unread socket into a new socket that reads through `onread`. */
function readopt(
  accepted: Socket,
  onread: { buffer: Buffer; callback: (length: number) => boolean },
): Socket {
  const before = internals(accepted);
  const options = { ...SOCKET_OPTIONS, handle: before._handle, onread, pauseOnCreate: true };
  const socket = new Socket(options);
  const after = internals(socket);
  // The server counts its connections through these, and its close waits for the count.
  after._server = before._server;
  after.server = before.server;
  before._handle = null;
  before._server = null;
  return socket;
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
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const signal = AbortSignal.timeout(timeoutMs);
  const sockets: Socket[] = [];
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening', { signal });
    const { port } = server.address() as AddressInfo;
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(client);
    // What fails is seen by the waits below, each of which ends at the time-out.
    client.on('error', () => client.destroy());
    client.end('?');
    const [accepted] = (await once(server, 'connection', { signal })) as [Socket];
    sockets.push(accepted);
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
