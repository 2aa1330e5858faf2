import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/**
 * Closes the socket so that its peer sees a reset, where that can be done at once; otherwise just closes it.
 *
 * Three cases cannot. In TLS, Node resets nothing: the peer sees a stream that ends without the notice of TLS. While a socket connects, Node would wait for the pool's answer before it resets. While a
 * FIN is on its way out, libuv refuses (EINVAL), after which Node never closes the socket: it would leak.
 */
export function resetSocket(socket: Socket): void {
  const finishing = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (socket.connecting || finishing || socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
