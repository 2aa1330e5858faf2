import type { SocketReading } from '../sockets/socket-reading';
import { HealthCheck } from './health-check';
import { Pool, poolHostOf, type HealthListener, type PoolOptions } from './pool';

/** What pools are looked at with. */
export interface PoolSetOptions {
  readonly reading: () => SocketReading;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly changed: HealthListener;
}

/** The pools that are configured, each with its health check. */
export class PoolSet {
  private readonly checks = new Map<Pool, HealthCheck>();
  private checking = false;

  constructor(
    pools: readonly PoolOptions[],
    private readonly options: PoolSetOptions,
  ) {
    for (const pool of pools) this.add(pool);
  }

  get all(): readonly Pool[] {
    return [...this.checks.keys()];
  }

  find(name: string): Pool | undefined {
    return this.all.find((pool) => pool.name === name);
  }

  /** The pools of these names, in their order. Throws where there is none of a name. */
  named(names: readonly string[]): Pool[] {
    return names.map((name) => {
      const pool = this.find(name);
      if (!pool) throw new Error(`no pool is called ${name}`);
      return pool;
    });
  }

  start(): void {
    this.checking = true;
    for (const check of this.checks.values()) check.start();
  }

  stop(): void {
    this.checking = false;
    for (const check of this.checks.values()) check.stop();
  }

  /** Something has changed among the pools: those in doubt are looked at soon. */
  hurry(): void {
    for (const check of this.checks.values()) check.hurry();
  }

  /**
   * Other pools from now on. One of the same name and address stays, with what is known of its health, and is in use or
   * not as its options say where they say it anew. Returns those that are not configured any more.
   */
  reconfigure(pools: readonly PoolOptions[]): Pool[] {
    const before = new Map(this.checks);
    this.checks.clear();
    for (const options of pools) {
      const kept = [...before].find(
        ([pool]) => pool.name === options.name && pool.poolHost === poolHostOf(options),
      );
      if (!kept) {
        this.add(options);
        continue;
      }
      const [pool, check] = kept;
      before.delete(pool);
      if (pool.options.enabled !== options.enabled) pool.setDrained(!options.enabled);
      const sameHealth = JSON.stringify(pool.options.health) === JSON.stringify(options.health);
      pool.options = options;
      this.checks.set(pool, check);
      if (sameHealth || !this.checking) continue;
      check.stop();
      check.start();
    }
    for (const [pool, check] of before) {
      check.stop();
      pool.removed = true;
    }
    return [...before.keys()];
  }

  private add(options: PoolOptions): void {
    const { reading, now, changed } = this.options;
    const pool = new Pool(options, changed);
    const nothingUp = () => !this.all.some(({ usable }) => usable);
    const check = new HealthCheck(pool, { reading, now, nothingUp });
    this.checks.set(pool, check);
    if (this.checking) check.start();
  }
}
