import { ProxyProcess, type ProxyOptions } from './proxy-process';
import { connectMiner, type RawMinerOptions } from './raw-miner';
import type { RawPeer } from './raw-peer';
import { RawPool, type RawPoolOptions } from './raw-pool';
import { SimulatedMiners, SimulatedPool, type SimulatorOptions } from './simulator';
import { UnsteadyNetwork, type Weather } from './unsteady-network';

/** Everything that a test has started, so that it is ended again whatever became of the test. */
export class Stage {
  private readonly ends: (() => Promise<void> | void)[] = [];

  /** A proxy, which has to end in order and with its shares adding up when the stage is cleared. */
  async proxy(options: ProxyOptions): Promise<ProxyProcess> {
    const proxy = await ProxyProcess.start(options);
    this.ends.push(() => proxy.end());
    return proxy;
  }

  async rawPool(options?: RawPoolOptions): Promise<RawPool> {
    const pool = await RawPool.listen(options);
    this.ends.push(() => pool.close());
    return pool;
  }

  async miner(proxy: ProxyProcess, options?: RawMinerOptions): Promise<RawPeer> {
    const miner = await connectMiner(proxy.minerPort, options);
    this.ends.push(() => miner.destroy());
    return miner;
  }

  /** A miner and the pool's end of its session. */
  async session(
    proxy: ProxyProcess,
    pool: RawPool,
    options?: RawMinerOptions,
  ): Promise<{ miner: RawPeer; upstream: RawPeer }> {
    const miner = await this.miner(proxy, options);
    const upstream = await pool.next();
    this.ends.push(() => upstream.destroy());
    return { miner, upstream };
  }

  async simulatedPool(options?: SimulatorOptions): Promise<SimulatedPool> {
    const pool = await SimulatedPool.start(options);
    this.ends.push(() => pool.kill());
    return pool;
  }

  /** A way to `port` that does what networks do. */
  async network(port: number, weather?: Weather): Promise<UnsteadyNetwork> {
    const network = await UnsteadyNetwork.before(port, weather);
    this.ends.push(() => network.close());
    return network;
  }

  simulatedMiners(port: number, options?: SimulatorOptions): SimulatedMiners {
    const miners = SimulatedMiners.start(port, options);
    this.ends.push(() => miners.kill());
    return miners;
  }

  /** Ends all of it, the last started first, and throws the first fault after all are ended. */
  async clear(): Promise<void> {
    const faults: unknown[] = [];
    for (const end of this.ends.splice(0).reverse()) {
      try {
        await end();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}
