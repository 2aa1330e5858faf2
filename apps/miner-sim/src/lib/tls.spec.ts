import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { certificate, type KeyPair } from '@mining-proxy/relay/testing';
import { Fleet } from './miner/fleet';
import { FLEET_DEFAULTS, type FleetOptions } from './miner/miner-options';
import { WRITE_CHUNKINGS } from './net/link';
import { Pool } from './pool/pool';
import { FAST_POOL_DIFFICULTY, POOL_DEFAULTS } from './pool/pool-options';
import { expectAgreement, type Trial } from './testing/trial';

/** Miners in TLS, something that ends it, the pool behind that: both tallies are of what is inside of TLS. */
describe('miners in TLS', () => {
  let pair: KeyPair;
  let pool: Pool;
  let terminator: Server;

  beforeAll(async () => (pair = await certificate()));

  beforeEach(async () => {
    pool = new Pool({ ...POOL_DEFAULTS, jobIntervalMs: 0, byWorker: true, difficulty: FAST_POOL_DIFFICULTY });
    const { port } = await pool.listen();
    terminator = createServer({ ...pair, allowHalfOpen: true }, (miner) => {
      const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      miner.on('error', () => upstream.destroy()).pipe(upstream);
      upstream.on('error', () => miner.destroy()).pipe(miner);
    });
    terminator.listen(0, '127.0.0.1');
    await once(terminator, 'listening');
  });

  afterEach(() => terminator.close());

  async function mine(options: Partial<FleetOptions>): Promise<Trial> {
    const { port } = terminator.address() as AddressInfo;
    const flatOut = { pace: { kind: 'flat-out' }, reconnectDelayMs: undefined, byWorker: true } as const;
    const miners = await new Fleet({ ...FLEET_DEFAULTS, ...flatOut, ...options, port }).run();
    await pool.close(1000);
    return { pool: pool.summary(), miners };
  }

  it.each(WRITE_CHUNKINGS)('agree with the pool when writes are cut as %s', async (chunking) => {
    const result = await mine({ tls: { ca: pair.cert, verify: true }, accounts: 3, shares: 60, chunking });
    expectAgreement(result);
    expect(result.pool).toMatchObject({ accepted: 60, connections: 3 });
  });

  it.each(['fin', 'rst'] as const)('come back after they have left by %s', async (reconnectHow) => {
    const connectionFaults = { ...FLEET_DEFAULTS.connectionFaults, reconnectEveryMs: 40, reconnectHow };
    const { pool: heard, miners } = await mine({
      tls: { ca: pair.cert, verify: true },
      accounts: 2,
      connectionFaults,
      durationMs: 300,
    });
    expect(miners.connections).toBeGreaterThanOrEqual(4);
    expect(heard.connections).toBe(miners.connections);
  });

  it('get what they are owed after a half-close', async () => {
    const connectionFaults = { ...FLEET_DEFAULTS.connectionFaults, halfCloseAfter: 10 };
    const result = await mine({ tls: { ca: undefined, verify: false }, accounts: 2, connectionFaults });
    expectAgreement(result);
    expect(result.pool.accepted).toBe(20);
  });

  it('say nothing to a pool whose certificate is by nobody they know', async () => {
    const { pool: heard, miners } = await mine({ tls: { ca: undefined, verify: true } });
    expect(miners).toMatchObject({ connections: 0, connect_failures: 1, bytes_sent: 0 });
    expect(heard.bytes_received).toBe(0);
  });
});
