import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** What Node answers to what it cannot read, by its code; 400 to all else. */
const STATUS_BY_CODE: ReadonlyMap<string | undefined, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

/**
 * Answers what is no HTTP, and never becomes a request, with a problem like every other error, and hangs up. Node alone
 * would answer without a body. A request without `Host` goes on to the routes, which decide whom they answer.
 *
 * Called before the server listens.
 */
export function answerProtocolErrors(server: Server): void {
  const answers = new WeakMap<Socket, ServerResponse>();
  server.on('request', ({ socket }, response) => answers.set(socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const answer = answers.get(socket);
    // A second answer in the middle of the first would be taken for a part of it.
    const isAnswering = answer?.headersSent === true && !answer.writableFinished;
    if (socket.writable && !isAnswering) socket.write(problem(STATUS_BY_CODE.get(error.code) ?? 400));
    socket.destroySoon();
  });
  // An option of `createServer`, which Nest calls.
  Object.assign(server, { requireHostHeader: false });
}

/** A whole answer. Says nothing of what was sent. */
function problem(status: number): string {
  const title = STATUS_CODES[status] ?? 'Error';
  const body = JSON.stringify({ type: 'about:blank', title, status });
  return [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
