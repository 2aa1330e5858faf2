import { createInterface, type Interface } from 'node:readline';
import { print } from './output';

/** Carries out one command and returns what to say about it. */
export type CommandHandler = (command: Readonly<Record<string, unknown>>) => object;

/**
 * Commands on stdin, one JSON object a line with its name in `cmd`. Each is answered by one line on
 * stdout: `{"event":"done","cmd":…}` with what the command returns, or `{"event":"error",…}`.
 */
export function readCommands(handlers: Readonly<Record<string, CommandHandler>>): Interface {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.trim() !== '') print(carryOut(line, handlers));
  });
  return lines;
}

/** One line in, one answer out; never throws. */
export function carryOut(line: string, handlers: Readonly<Record<string, CommandHandler>>): object {
  let command: unknown;
  try {
    command = JSON.parse(line);
  } catch {
    return { event: 'error', message: 'not JSON', line };
  }
  if (typeof command !== 'object' || command === null || !('cmd' in command)) {
    return { event: 'error', message: 'an object with "cmd" is expected', line };
  }
  const cmd = String(command.cmd);
  const handler = Object.hasOwn(handlers, cmd) ? handlers[cmd] : undefined;
  if (handler === undefined)
    return { event: 'error', cmd, message: `one of ${Object.keys(handlers).join(', ')}` };
  return { event: 'done', cmd, ...handler({ ...command }) };
}
