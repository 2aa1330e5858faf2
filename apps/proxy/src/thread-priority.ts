import { setPriority } from 'node:os';

/** Beside a busy relay on the same core such a thread gets about a tenth; alone it gets all. */
const BACKGROUND_NICENESS = 10;

/**
 * Lets the calling thread step back behind the relay's. On Linux a priority belongs to a thread and `0` is the one that
 * calls; elsewhere it would be the whole process, relay included, so that nothing is done there.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, BACKGROUND_NICENESS);
  } catch {
    // A sandbox may forbid it: the ledger works all the same.
  }
}
