import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { LOAD_CPU, pinned } from './processes.mjs';

/** The load in a process of its own, on its own CPU. */
export function startLoad(scenario) {
  const file = resolve(import.meta.dirname, 'load/main.mjs');
  const [program, ...args] = pinned(LOAD_CPU, [process.execPath, file, JSON.stringify(scenario)]);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = new Promise((done) => child.once('close', done));
  const seen = [];
  const waiting = new Set();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text);
    seen.push(line);
    for (const look of waiting) look(line);
  });

  /** The first line that is wanted, whether it has come yet or not. */
  const line = (wanted) =>
    new Promise((found, fail) => {
      const already = seen.find(wanted);
      if (already) return found(already);
      const look = (next) => {
        if (!wanted(next)) return;
        waiting.delete(look);
        found(next);
      };
      waiting.add(look);
      void closed.then((code) => fail(new Error(`the load ended early, with ${code}`)));
    });
  const send = (message) => child.stdin.write(`${JSON.stringify(message)}\n`);
  let asked = 0;
  return {
    line,
    send,
    /** Asks a question; resolves to the line that answers it. */
    ask: (question) => {
      asked += 1;
      const number = asked;
      send({ ask: question, number });
      return line((next) => next.answer === number);
    },
    end: () => child.kill('SIGKILL'),
  };
}
