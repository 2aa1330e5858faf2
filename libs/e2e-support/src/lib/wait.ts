import { setTimeout as delay } from 'node:timers/promises';

/** How long a fact may take to show. Far above what any of them takes, so that a busy machine passes. */
export const DEADLINE_MS = 15_000;

/** What a busy machine may add to a time that has a limit. */
export const BUSY_MACHINE_MS = 8_000;

const LOOK_EVERY_MS = 10;

/**
 * Looks until `look` returns something other than `undefined` or `false`, and returns it.
 * Rejects at the deadline, with what was waited for and what the last look threw.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    let failure: unknown;
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`not within ${deadlineMs} ms: ${what}`, { cause: failure });
    await delay(LOOK_EVERY_MS);
  }
}

/** Looks until `expectations` no longer throws; at the deadline throws what it threw last. */
export async function eventually(
  expectations: () => Promise<void> | void,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    try {
      await expectations();
      return;
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** The promise's value, or a rejection that names what did not happen in time. */
export async function within<T>(what: string, promise: Promise<T>, deadlineMs = DEADLINE_MS): Promise<T> {
  const alarm = new AbortController();
  const late = delay(deadlineMs, undefined, { signal: alarm.signal }).then(() => {
    throw new Error(`not within ${deadlineMs} ms: ${what}`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    alarm.abort();
    late.catch(() => undefined);
  }
}

/** The value once it has stood still for a while: all that the kernel can take has been taken. */
export async function steady(value: () => Promise<number> | number): Promise<number> {
  let last = await value();
  for (let same = 0; same < 12;) {
    await delay(2 * LOOK_EVERY_MS);
    const now = await value();
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
  }
  return last;
}
