import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './commands.mjs';

const LONGEST_MS = 20_000;
const LONGEST_FAULT = 2_000;

/** Programs that print JSON lines, all of which `stop` ends, the last one first. */
export class Programs {
  #running = [];

  /**
   * Resolves with the first line that is wanted, and `tell`, which gives the program a line to read; rejects if it ends
   * before, or does not say it in time.
   */
  start(app, args, isWanted, env = {}) {
    const child = this.spawn(process.execPath, [resolve(root, `dist/apps/${app}/main.js`), ...args], env);
    let said = '';
    child.stderr.on('data', (text) => (said = `${said}${text}`.slice(-LONGEST_FAULT)));
    return new Promise((found, fail) => {
      const timer = setTimeout(() => fail(new Error(`${app} is not ready`)), LONGEST_MS);
      child.once('close', (code) => fail(new Error(`${app} ended with ${code}: ${said}`)));
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = JSON.parse(text);
        if (!isWanted(line)) return;
        clearTimeout(timer);
        found({ ...line, tell: (command) => child.stdin.write(`${JSON.stringify(command)}\n`) });
      });
    });
  }

  spawn(command, args, env = {}) {
    const child = spawn(command, args, {
      stdio: 'pipe',
      env: { PATH: process.env.PATH, ...env },
    });
    child.once('error', () => undefined); // Whoever waits for it sees that it has ended.
    this.#running.push(child);
    child.stdout.resume();
    child.stderr.resume();
    return child;
  }

  async stop() {
    for (const child of this.#running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = new Promise((done) => child.once('close', done));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
      await closed;
      clearTimeout(timer);
    }
  }
}

export function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
