import { setTimeout as pause } from 'node:timers/promises';

/** Waits for a fact that can be observed; the test's own time limit ends what never happens. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}
