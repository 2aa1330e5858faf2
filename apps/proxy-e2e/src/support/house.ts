import {
  type ProxyOptions,
  type ProxyProcess,
  type RawMinerOptions,
  type RawPeer,
  type RawPool,
  type RawPoolOptions,
  Stage,
} from '@mining-proxy/e2e-support';

/** What the tests of one suite have in common: a pool and a proxy before it. */
export interface House {
  /** What one test starts; it is ended after that test. */
  readonly stage: Stage;
  readonly pool: RawPool;
  readonly proxy: ProxyProcess;
  /** A miner and the pool's end of its session, ended after the test. */
  session(options?: RawMinerOptions): Promise<{ miner: RawPeer; upstream: RawPeer }>;
}

/**
 * Starts a pool and a proxy for all tests of the `describe` that calls it, and ends them after the last one. Before that
 * the pool and the proxy are not there to be asked for.
 */
export function standingHouse(
  options: Omit<ProxyOptions, 'poolPort'> = {},
  poolOptions?: RawPoolOptions,
): House {
  const foundation = new Stage();
  const stage = new Stage();
  let standing: { pool: RawPool; proxy: ProxyProcess } | undefined;
  const built = () => {
    if (!standing) throw new Error('the pool and the proxy are started before the first test');
    return standing;
  };
  beforeAll(async () => {
    const pool = await foundation.rawPool(poolOptions);
    standing = { pool, proxy: await foundation.proxy({ ...options, poolPort: pool.port }) };
  });
  afterEach(() => stage.clear());
  afterAll(() => foundation.clear());
  return {
    stage,
    get pool() {
      return built().pool;
    },
    get proxy() {
      return built().proxy;
    },
    session: (miner) => stage.session(built().proxy, built().pool, miner),
  };
}
