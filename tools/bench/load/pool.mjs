import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ACCEPTED, WELCOME, countLines, jobLine } from './lines.mjs';

const LOOK_EVERY_MS = 20;

/** The pool's ends of all sessions. Each answers a login once, then every line with "accepted". */
export class Pool {
  #ends = new Set();
  #server = createServer({ noDelay: true }, (socket) => this.#serve(socket));

  /** Resolves to its port. */
  async listen() {
    this.#server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  /** Resolves when the last session is closed. */
  async empty() {
    while (this.#ends.size > 0) await pause(LOOK_EVERY_MS);
  }

  /** A job for all miners. */
  announce(number) {
    const line = jobLine(number);
    for (const socket of this.#ends) socket.write(line);
  }

  #serve(socket) {
    let loggedIn = false;
    this.#ends.add(socket);
    socket.on('close', () => this.#ends.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      let lines = countLines(chunk);
      if (!loggedIn && lines >= 2) {
        loggedIn = true;
        socket.write(WELCOME);
        socket.write(jobLine(0));
        lines -= 2;
      }
      for (; lines > 0; lines -= 1) socket.write(ACCEPTED);
    });
  }
}
