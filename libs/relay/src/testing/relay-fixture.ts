import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { AccessOptions } from '../lib/access/admission';
import type { ListenerOptions } from '../lib/listeners/listener';
import type { PoolOptions } from '../lib/pools/pool';
import { Relay } from '../lib/relay';
import type { FailoverOptions, RelayOptions, SessionLimits } from '../lib/relay-options';
import type { SessionEnd } from '../lib/session/session-tap';
import { dataReading, onreadReading, type SocketReading } from '../lib/sockets/socket-reading';
import type { KeyPair } from './certificates';
import { FakePool } from './fake-pool';
import { Peer } from './peer';
import { RecordingTaps, type RecordingTap } from './recording-tap';

/** Both ways to read sockets, for `describe.each`: whatever holds for one holds for the other. */
export const READINGS = [
  ['onread', onreadReading()],
  ['data', dataReading],
] as const;

/** Limits that no test reaches unless it sets its own. */
export const AMPLE_LIMITS: SessionLimits = {
  connectionTimeoutMs: 20_000,
  loginTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  slowPeerTimeoutMs: 20_000,
  jobTimeoutMs: 20_000,
  closeGraceMs: 20_000,
};

/** A pool as most tests want it: plain, and not checked while they run. */
export function plainPool(at: Pick<PoolOptions, 'port'> & Partial<PoolOptions>): PoolOptions {
  return {
    name: 'pool',
    host: '127.0.0.1',
    priority: 0,
    weight: 1,
    enabled: true,
    tls: null,
    proxyProtocol: null,
    ...at,
    health: { kind: 'tcp', intervalMs: 3_600_000, timeoutMs: 5_000, fall: 3, rise: 2, ...at.health },
  };
}

/** A plain listener on a free port of loopback. */
export function plainListener(more: Partial<ListenerOptions> = {}): ListenerOptions {
  return {
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    pools: ['pool'],
    tls: null,
    proxyProtocol: null,
    reusePort: false,
    proof: false,
    ...more,
  };
}

/** Everybody may come in. */
export const OPEN_ACCESS: AccessOptions = {
  allowCidrs: [],
  denyCidrs: [],
  maxConnectionsPerIp: 0,
  connectRatePerS: 0,
  connectRatePerIpPerS: 0,
  connectBurst: 2_000,
  ban: null,
};

export const FAILOVER: FailoverOptions = {
  onDown: 'keep',
  failback: 'on_reconnect',
  spreadMs: 100,
  noPoolDelayMs: 200,
};

export interface FixtureOptions extends Partial<Omit<RelayOptions, 'limits' | 'failover' | 'access'>> {
  readonly access?: Partial<AccessOptions>;
  readonly limits?: Partial<SessionLimits>;
  readonly failover?: Partial<FailoverOptions>;
  /** Of the pool, where `pools` does not say more. */
  readonly pool?: Partial<PoolOptions>;
  readonly reading?: SocketReading;
  /** False: the pool leaves what arrives to the operating system until its peer's `read()`. */
  readonly poolReads?: boolean;
  /** Makes the pool one that speaks TLS. */
  readonly poolTls?: KeyPair;
  /** Makes it one that wants a PROXY header. */
  readonly poolHeader?: boolean;
  readonly prepareTap?: (tap: RecordingTap) => void;
}

/** A relay that listens on loopback, a pool behind it, and all that was seen of both. */
export class RelayFixture {
  readonly ends: SessionEnd[] = [];
  readonly rejections: string[] = [];
  readonly faults: unknown[] = [];
  readonly miners: Peer[] = [];
  private readonly serversClosed: Promise<unknown>;
  private readonly closing: (() => void)[] = [];

  private constructor(
    readonly relay: Relay,
    readonly pool: FakePool,
    readonly taps: RecordingTaps,
    /** What the relay was made with. */
    readonly options: RelayOptions,
  ) {
    relay.events.on('closed', (_session, end) => {
      this.ends.push(end);
      this.closing.splice(0).forEach((wake) => wake());
    });
    relay.events.on('rejected', (cause) => this.rejections.push(cause));
    relay.events.on('fault', (_session, fault) => this.faults.push(fault));
    this.serversClosed = Promise.all(
      relay.netServers.map((server) => new Promise<void>((resolve) => server.once('close', resolve))),
    );
  }

  static async start({
    reading,
    poolTls,
    poolHeader = false,
    poolReads = true,
    prepareTap,
    limits,
    failover,
    access,
    pool: more,
    ...options
  }: FixtureOptions = {}) {
    const pool = await FakePool.listen({
      reads: poolReads,
      header: poolHeader,
      ...(poolTls ? { tls: poolTls } : {}),
    });
    const taps = new RecordingTaps(prepareTap);
    const made: RelayOptions = {
      listeners: [plainListener()],
      pools: [plainPool({ port: pool.port, ...more })],
      maxConnections: 100,
      drainTimeoutMs: 5_000,
      instanceId: 'test',
      clients: new Map(),
      clientOf: () => undefined,
      ...options,
      access: { ...OPEN_ACCESS, ...access },
      limits: { ...AMPLE_LIMITS, ...limits },
      failover: { ...FAILOVER, ...failover },
    };
    const relay = new Relay(made, taps, undefined, reading && (() => Promise.resolve(reading)));
    const fixture = new RelayFixture(relay, pool, taps, made);
    await relay.listen();
    return fixture;
  }

  get port(): number {
    return (this.relay.netServers[0]!.address() as AddressInfo).port;
  }

  async miner(options: { reads?: boolean } = {}): Promise<Peer> {
    const miner = await Peer.connect(this.port, options);
    this.miners.push(miner);
    return miner;
  }

  /** A miner and the pool's end of its session, once the relay has connected them. */
  async session(
    options: { reads?: boolean } = {},
  ): Promise<{ miner: Peer; upstream: Peer; tap: RecordingTap }> {
    const connected = once(this.relay.events, 'connected');
    const miner = await this.miner(options);
    const upstream = await this.pool.next();
    await connected;
    return { miner, upstream, tap: this.taps.last };
  }

  /** Resolves once so many miners are here, those among them whom no pool serves yet. */
  async accepted(count = 1): Promise<void> {
    while (this.relay.activeSessions < count) await new Promise(setImmediate);
  }

  /** How the `count`th session to close ended. */
  async end(count = 1): Promise<SessionEnd> {
    while (this.ends.length < count) await new Promise<void>((resolve) => this.closing.push(resolve));
    return this.ends[count - 1]!;
  }

  /** Hangs up on all sides and returns when the relay holds nothing any more: a leak is a time-out here. */
  async stop(): Promise<void> {
    for (const miner of this.miners) miner.socket.destroy();
    await this.pool.close();
    while (this.relay.activeSessions > 0) await this.end(this.ends.length + 1);
    await this.relay.close();
    await this.serversClosed;
  }
}
