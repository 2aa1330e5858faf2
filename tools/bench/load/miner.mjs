import { connect } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { LF, loginLines, shareLine } from './lines.mjs';

/** The certificate is the benchmark's own. */
const TLS = { secureContext: createSecureContext(), rejectUnauthorized: false };
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);
/** Subscribed, authorized, a difficulty, a job. */
const WELCOME_LINES = 4;
/** Answers are shorter, jobs are longer. */
const LONGEST_ANSWER = 200;

/** One miner: comes, logs in, submits, and counts the lines that come. */
export class Miner {
  onAnswer = () => undefined;
  onJob = () => undefined;
  #worker;
  #share;
  #socket;
  #sentAt = 0;
  #isAway = true;
  #comings = 0;

  constructor(worker) {
    this.#worker = worker;
    this.#share = shareLine(worker);
  }

  /** Resolves when it is connected, to a promise that it is logged in. */
  come({ port, tls }) {
    this.#sentAt = 0;
    this.#comings += 1;
    return new Promise((connected, fail) => {
      let loggedIn;
      const login = new Promise((done) => (loggedIn = done));
      void login.then(() => (this.#isAway = false));
      const onread = { buffer: READ_BUFFER, callback: this.#reader(loggedIn) };
      const target = { port, host: '127.0.0.1', noDelay: true, onread };
      this.#socket = tls ? connectTls({ ...target, ...TLS }) : connect(target);
      this.#socket.on('error', fail);
      this.#socket.once(tls ? 'secureConnect' : 'connect', () => {
        this.#socket.write(loginLines(this.#worker));
        connected({ login });
      });
    });
  }

  leave() {
    this.#isAway = true;
    this.#socket.end();
  }

  /** False when the answer to its last share is not there yet, or it is not. */
  submit() {
    if (this.#sentAt !== 0 || this.#isAway) return false;
    this.#sentAt = performance.now();
    this.#socket.write(this.#share);
    return true;
  }

  #reader(loggedIn) {
    const coming = this.#comings;
    let lineLength = 0;
    let welcome = WELCOME_LINES;
    return (length) => {
      // What comes late on a connection that it has left answers no share of the present one.
      if (coming !== this.#comings) return true;
      let start = 0;
      for (;;) {
        const end = READ_BUFFER.indexOf(LF, start);
        if (end === -1 || end >= length) break;
        lineLength += end - start;
        if (welcome > 0) {
          welcome -= 1;
          if (welcome === 0) loggedIn();
        } else if (lineLength > LONGEST_ANSWER) this.onJob();
        else this.#answered();
        lineLength = 0;
        start = end + 1;
      }
      lineLength += length - start;
      return true;
    };
  }

  #answered() {
    const latencyMs = performance.now() - this.#sentAt;
    this.#sentAt = 0;
    this.onAnswer(latencyMs);
  }
}
