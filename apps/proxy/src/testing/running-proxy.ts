import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { register } from 'prom-client';
import { UsageStore } from '@mining-proxy/billing';
import { ledgerInThisThread } from '@mining-proxy/billing/testing';
import type { ProxyConfig, ProxySettings } from '@mining-proxy/config';
import { Relay } from '@mining-proxy/relay';
import { FakePool, Peer } from '@mining-proxy/relay/testing';
import { createApp } from '../run-proxy';
import { usageStoreOptions } from '../wiring';
import { ask, type Answer } from './ask';
import { testConfig } from './test-config';
import type { TestLog } from './test-log';

type App = Awaited<ReturnType<typeof createApp>>;

/** The whole application in this process, with a pool of its own on loopback. */
export class RunningProxy {
  private readonly miners: Peer[] = [];

  private constructor(
    readonly app: App,
    readonly pool: FakePool,
    /** What the next reload finds. */
    readonly reloading: { load: () => ProxyConfig },
    readonly config: ProxyConfig,
  ) {}

  /** Creates the application and has HTTP listen; `startRelay` lets miners in. */
  static async create(
    log: TestLog,
    proxy: Partial<ProxySettings> = {},
    rest: Partial<Omit<ProxyConfig, 'proxy'>> = {},
  ): Promise<RunningProxy> {
    // prom-client keeps one registry for the process.
    register.clear();
    const pool = await FakePool.listen();
    const dataDir = mkdtempSync(join(tmpdir(), 'mining-proxy-test-'));
    const config = testConfig(pool.port, { dataDir, ...proxy }, rest);
    const reloading = { load: (): ProxyConfig => config };
    const usage = UsageStore.open(usageStoreOptions(config), ledgerInThisThread, log.logger);
    const app = await createApp({ config, log: log.logger, usage, load: () => reloading.load() });
    await app.listen(0, '127.0.0.1');
    return new RunningProxy(app, pool, reloading, config);
  }

  static async start(...options: Parameters<typeof RunningProxy.create>): Promise<RunningProxy> {
    const proxy = await RunningProxy.create(...options);
    await proxy.startRelay();
    return proxy;
  }

  async startRelay(): Promise<void> {
    await this.app.startAllMicroservices();
  }

  get relay(): Relay {
    return this.app.get(Relay);
  }

  get httpPort(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  get minerPort(): number {
    return (this.relay.netServers[0]!.address() as AddressInfo).port;
  }

  ask(path: string, options: Parameters<typeof ask>[2] = {}): Promise<Answer> {
    return ask(this.httpPort, path, options);
  }

  /** A miner, and the pool's end of its session. */
  async session(): Promise<{ miner: Peer; upstream: Peer }> {
    const miner = await Peer.connect(this.minerPort);
    this.miners.push(miner);
    return { miner, upstream: await this.pool.next() };
  }

  /** Resolves when the relay has told of `count` ends of sessions from now on. */
  async sessionsClose(count = 1): Promise<void> {
    for (let seen = 0; seen < count; seen += 1) await once(this.relay.events, 'closed');
  }

  async stop(): Promise<void> {
    for (const { socket } of this.miners) socket.destroy();
    await this.pool.close();
    await this.app.close();
  }
}
