import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { processTree } from '../bench/processes.mjs';

const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** A program inside a container: what it says, which process of this machine it is, and how it ends. */
export class Running {
  #said = '';

  constructor(child, what) {
    this.child = child;
    this.what = what;
    this.ended = once(child, 'close').then(([code]) => code);
    child.stderr.on('data', (chunk) => (this.#said += chunk));
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line of standard output, as JSON. */
  async line() {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`${this.what} ended: ${this.#said}`);
    return JSON.parse(value);
  }

  /** The process itself, below buildah's own. */
  get pid() {
    const isProgram = (pid) => /(^|\/)node$/.test(commandOf(pid)[0] ?? '');
    const pid = processTree(this.child.pid).find(isProgram);
    if (!pid) throw new Error(`${this.what} does not run: ${this.#said}`);
    return pid;
  }

  /** The numbers of the user and the group that it runs as. */
  get user() {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return ['Uid', 'Gid']
      .map((key) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1]))
      .join(':');
  }

  /** Sends the signal and resolves to the exit code. Output is read to its end, so that no pipe fills. */
  async stop(signal) {
    process.kill(this.pid, signal);
    this.child.stdout.resume();
    return this.ended;
  }

  /** Ends it whatever it does; for the end of a check that failed. */
  kill() {
    for (const pid of processTree(this.child.pid).reverse()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

/** Resolves to the first truthy thing that `look` resolves to; rejects with its last error. */
export async function eventually(what, look) {
  const deadline = Date.now() + PATIENCE_MS;
  for (let last; ;) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`, { cause: last });
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
