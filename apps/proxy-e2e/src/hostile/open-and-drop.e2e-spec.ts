import { type ProxyProcess, Stage } from '@mining-proxy/e2e-support';
import { Crowd, GenerousPool } from './support/crowd';
import { figure, mib } from './support/figures';
import { COLLECTS_ON_SIGNAL, heldMemory } from './support/held-memory';

const SESSIONS = 20_000;
const WARM_UP = 3_000;
/** A map entry that is forgotten takes more. */
const BYTES_OF_A_LEAK = 64;

/**
 * Guards against what stays behind of a session. Compared is what is left after a full collection of garbage: the heap
 * in use goes up and down by tens of megabytes in between, and resident memory is what the allocator keeps, not what
 * the program holds.
 */
describe('sessions opened and dropped', () => {
  const stage = new Stage();
  let pool: GenerousPool;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    pool = await GenerousPool.start();
    proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { max_connections: 1_000, log_level: 'info' },
      env: COLLECTS_ON_SIGNAL,
    });
  });
  afterAll(async () => {
    await stage.clear();
    await pool.kill();
  });

  it('leave nothing behind after 20,000 of them, whichever way they left', async () => {
    await openAndDrop(WARM_UP);
    const before = await heldMemory(proxy);
    const startedAt = performance.now();
    const served = await openAndDrop(SESSIONS);
    const ms = Math.round(performance.now() - startedAt);
    const after = await heldMemory(proxy);
    const page = await proxy.metrics();
    const grown = after.heap - before.heap;
    figure('20,000 sessions opened and dropped', {
      served,
      ms,
      heapBefore: mib(before.heap),
      heapAfter: mib(after.heap),
      bytesPerSession: grown / SESSIONS,
      externalGrowth: mib(after.external - before.external),
      residentBefore: mib(before.resident),
      residentAfter: mib(after.resident),
      descriptorsBefore: before.descriptors,
      descriptorsAfter: after.descriptors,
    });
    expect(page.value('stratum_connections_total')).toBeGreaterThan((SESSIONS + WARM_UP) / 2);
    expect(grown / SESSIONS).toBeLessThan(BYTES_OF_A_LEAK);
    expect((after.external - before.external) / SESSIONS).toBeLessThan(BYTES_OF_A_LEAK);
    expect(after.descriptors).toBe(before.descriptors);
  });

  async function openAndDrop(count: number): Promise<number> {
    const crowd = Crowd.start({ port: proxy.minerPort, count, atOnce: 64, sources: 8, ends: 'mixed' });
    const { served, failed } = await crowd.settled().finally(() => crowd.kill());
    expect(failed).toEqual({});
    await proxy.atRest();
    return served;
  }
});
