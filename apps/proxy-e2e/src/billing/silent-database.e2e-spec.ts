import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { BUSY_MACHINE_MS, until } from '@mining-proxy/e2e-support';
import { BillingStage } from './support/billing-stage';

const DRAIN_MS = 1_000;

/** Guards that the database holds up no stop: whoever supervises the proxy would kill it, and that costs miners their shares. */
describe('a database that takes connections and never answers', () => {
  const stage = new BillingStage();
  const connections = new Set<Socket>();
  let database: Server;

  beforeEach(async () => {
    database = createServer((connection) => {
      connections.add(connection.on('error', () => connection.destroy()).resume());
    });
    database.listen(0, '127.0.0.1');
    await once(database, 'listening');
  });

  afterEach(async () => {
    await stage.clear();
    for (const connection of connections) connection.destroy();
    connections.clear();
    database.close();
    await once(database, 'close');
  });

  it('does not keep the proxy from ending with 0 at its drain_timeout_ms', async () => {
    const { port } = database.address() as AddressInfo;
    const pool = await stage.simulatedPool({ fast: true, branches: 1 });
    const proxy = await stage.proxy({
      poolPort: pool.port,
      proxy: { data_dir: stage.directory(), drain_timeout_ms: DRAIN_MS, close_grace_ms: 500 },
      env: { DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/nothing` },
    });
    await stage.simulatedMiners(proxy.minerPort, { fast: true, shares: 100, 'no-reconnect': true }).summary();
    await proxy.atRest();
    await until('the ledger waits for the database', () => connections.size > 0);

    const startedAt = performance.now();
    await proxy.end();

    expect(performance.now() - startedAt).toBeLessThan(BUSY_MACHINE_MS);
    expect(
      proxy.logsOf('the ledger is behind: it folds the rest of the journal at the next start'),
    ).toHaveLength(1);
  });
});
