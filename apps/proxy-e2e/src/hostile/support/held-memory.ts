import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProxyProcess } from '@mining-proxy/e2e-support';

/** Environment in which the proxy collects its garbage when told to; nothing of the built program is changed. */
export const COLLECTS_ON_SIGNAL = { NODE_OPTIONS: `--require "${resolve(__dirname, 'gc-on-signal.cjs')}"` };

export interface HeldMemory {
  readonly heap: number;
  readonly external: number;
  readonly resident: number;
  readonly descriptors: number;
}

const LOOK_EVERY_MS = 150;
const LOOKS_WITHOUT_LESS = 6;
/** Less than this is no less: the collector itself takes it and gives it back. */
const NOISE_BYTES = 128 * 1_024;

/**
 * What the proxy, started with `COLLECTS_ON_SIGNAL`, holds when all garbage is gone: the least of many looks, because
 * what is still being written down or is in the answer to a look itself is held for a moment only.
 */
export async function heldMemory(proxy: ProxyProcess): Promise<HeldMemory> {
  let least = await look(proxy);
  for (let since = 0; since < LOOKS_WITHOUT_LESS; since += 1) {
    const next = await look(proxy);
    if (next.heap < least.heap - NOISE_BYTES) since = 0;
    if (next.heap < least.heap) least = next;
  }
  return least;
}

async function look(proxy: ProxyProcess): Promise<HeldMemory> {
  proxy.program.signal('SIGUSR2');
  await delay(LOOK_EVERY_MS);
  const page = await proxy.metrics();
  return {
    heap: page.value('nodejs_heap_size_used_bytes'),
    external: page.value('nodejs_external_memory_bytes'),
    resident: page.value('process_resident_memory_bytes'),
    descriptors: page.value('process_open_fds'),
  };
}
