import { setImmediate as turn } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { ClientDirectory, Meters } from '@mining-proxy/billing';
import { parseExposition } from '../testing/exposition';
import { POOL_HOST, mine } from '../testing/session-double';
import { CLIENT_FAMILIES } from './client-families';
import { ReadFamily } from './read-family';
import { Scrape } from './scrape';

// A scrape that is written in one go holds up every byte of every miner for as long as it takes.

const CLIENTS = 1_000;
const SESSIONS = 5_000;

function registryOf(meters: Meters): Registry {
  const registry = new Registry();
  const scrape = new Scrape(meters);
  for (const family of CLIENT_FAMILIES) registry.registerMetric(new ReadFamily(family, scrape).asMetric());
  return registry;
}

/** What one scrape took of the processor, in milliseconds: the longest turn of the event loop, and all. */
async function probed(registry: Registry): Promise<{ longest: number; total: number }> {
  let longest = 0;
  let done = false;
  const start = processorMs();
  let last = start;
  const probe = (): void => {
    const now = processorMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!done) setImmediate(probe);
  };
  setImmediate(probe);
  await registry.metrics();
  done = true;
  await turn();
  return { longest, total: last - start };
}

/** The processor's time instead of the clock's: the machine may have other things to do. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

describe(`a scrape of ${CLIENTS} clients with ${SESSIONS} sessions`, () => {
  const meters = new Meters({
    directory: new ClientDirectory([], 'account', './+#'),
    poolHosts: [POOL_HOST],
    maxClients: CLIENTS,
    inspectionOf: () => ({}),
    facts: { append: () => undefined, flush: () => undefined },
    audit: { submitsPerSecond: 0, algorithmOf: () => null, payoutAddresses: new Map() },
    workers: { silentAfterMs: 600_000, forgetAfterMs: 86_400_000 },
    usageIntervalMs: 30_000,
  });
  const registry = registryOf(meters);

  beforeAll(() => {
    for (let n = 0; n < SESSIONS; n += 1) mine(meters, `client${n % CLIENTS}.rig${n}`, 2, [true, null]);
  });

  it('has a line of every family for every client', async () => {
    const families = parseExposition(await registry.metrics());
    for (const { name } of CLIENT_FAMILIES) {
      const samples = families.get(name)!.samples.filter(({ labels }) => labels.client_id !== 'unassigned');
      expect([name, samples.length]).toEqual([name, CLIENTS]);
    }
  });

  // The best of several, so that neither a collection of garbage nor the compiler decides.
  it('holds the event loop for no longer than 20 ms at a time, nor for a third of the whole', async () => {
    const longest: number[] = [];
    const shares: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const run = await probed(registry);
      longest.push(run.longest);
      shares.push(run.longest / run.total);
    }
    expect(Math.min(...longest)).toBeLessThan(20);
    expect(Math.min(...shares)).toBeLessThan(1 / 3);
  });
});
