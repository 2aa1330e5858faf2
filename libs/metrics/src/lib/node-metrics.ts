import { readdir } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

const OPEN_FILES = 'process_open_fds';

/** They list every socket, some 20 ms for 10,000 of them, to say what the gauges of sessions say as well. */
const LISTS_OF_SOCKETS = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
];

/**
 * Takes from prom-client's default metrics those that hold up the event loop for longer the more sockets there
 * are. Open files, which are what runs out first, are counted in another thread instead.
 */
export function lightenNodeMetrics(registry: Registry): void {
  for (const name of LISTS_OF_SOCKETS) registry.removeSingleMetric(name);
  // Only Linux has them.
  if (!registry.getSingleMetric(OPEN_FILES)) return;
  registry.removeSingleMetric(OPEN_FILES);
  registry.registerMetric(
    new Gauge({
      name: OPEN_FILES,
      help: 'Number of open file descriptors.',
      registers: [],
      async collect() {
        const files = await readdir('/proc/self/fd').catch(() => undefined);
        // One of them is the directory itself, while it is read.
        if (files) this.set(files.length - 1);
      },
    }),
  );
}
