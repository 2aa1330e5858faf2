import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';
import { LineOutput } from './line-output';

const LONGEST_EXIT_MS = 1_000;

/**
 * Standard output for the log: never waits for its reader, and loses no last line.
 *
 * pino's own destinations do one or the other. With `sync: true` a full pipe stops the event loop, and every
 * miner with it, until somebody reads. With `sync: false` a write that is still under way in another
 * thread when the process exits is overtaken by the lines after it, or cut.
 */
export function standardOutput(): DestinationStream {
  // Looked at for what it does: Node then makes a pipe or a socket non-blocking, and `writeSync` says
  // EAGAIN instead of waiting. Files and terminals stay blocking, and fast.
  const { fd } = process.stdout;
  const output = new LineOutput((bytes) => writeSync(fd, bytes));
  process.once('exit', () => output.flush(LONGEST_EXIT_MS));
  return output;
}
