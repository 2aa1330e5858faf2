import { hostname } from 'node:os';
import { LOG_FORMATS, type LogLevel } from '@mining-proxy/logger';
import { Host, NotTaken, PoolHost, PoolPort } from '../rules/host';
import { Milliseconds, NotAbove, PortOrFree, WholeNumber } from '../rules/numbers';
import { Algorithm, Directory, Level, Name, OneOf, Token, Switch } from '../rules/text';
import { Setting } from '../setting';
import type { MetricsTlsSettings } from './metrics-tls.settings';

/** Section `proxy`: where the proxy listens, which pool it serves, and its limits. */
export class ProxySettings {
  @Setting({ env: 'BIND_ADDRESS', restart: true, describe: 'Address that miners connect to' })
  @Host()
  readonly bindAddress: string = '0.0.0.0';

  @Setting({ env: 'BIND_PORT', restart: true, describe: 'Port that miners connect to; 0 takes a free one' })
  @PortOrFree()
  readonly bindPort: number = 3333;

  @Setting({ env: 'POOL_HOST', describe: 'Host name or IP address of the pool' })
  @PoolHost()
  readonly poolHost!: string;

  @Setting({ env: 'POOL_PORT', describe: 'Port of the pool' })
  @PoolPort()
  readonly poolPort!: number;

  @Setting({
    env: 'METRICS_BIND_ADDRESS',
    restart: true,
    describe: 'Address of the HTTP side: metrics, health, billing',
  })
  @Host()
  readonly metricsBindAddress: string = '0.0.0.0';

  @Setting({ env: 'METRICS_PORT', restart: true, describe: 'Port of the HTTP side; 0 takes a free one' })
  @PortOrFree()
  @NotTaken({ port: 'bindPort', address: 'bindAddress', ownAddress: 'metricsBindAddress' })
  readonly metricsPort: number = 9090;

  @Setting({
    env: 'ADMIN_TOKEN',
    secret: true,
    describe: 'Bearer token of the session and billing API; without one only loopback callers are answered',
  })
  @Token()
  readonly adminToken: string | null = null;

  @Setting({ env: 'LOG_LEVEL', describe: 'Least severe level that is logged' })
  @Level()
  readonly logLevel: LogLevel = 'info';

  @Setting({
    env: 'LOG_FORMAT',
    restart: true,
    describe: 'Lines of the log: `json`, `pretty` for people, or `auto`: pretty on a terminal, else JSON',
  })
  @OneOf(LOG_FORMATS)
  readonly logFormat: (typeof LOG_FORMATS)[number] = 'auto';

  @Setting({ env: 'MAX_CONNECTIONS', describe: 'Miners served at the same time' })
  @WholeNumber(1, 1_000_000)
  readonly maxConnections: number = 100;

  @Setting({ env: 'CONNECTION_TIMEOUT_MS', describe: 'Time to connect to the pool, TLS included' })
  @Milliseconds()
  readonly connectionTimeoutMs: number = 30_000;

  @Setting({ env: 'IDLE_TIMEOUT_MS', describe: 'Silence in both directions that ends a session' })
  @Milliseconds()
  readonly idleTimeoutMs: number = 300_000;

  @Setting({ describe: 'Time a miner has from connecting to its first bytes' })
  @Milliseconds()
  readonly loginTimeoutMs: number = 30_000;

  @Setting({ describe: 'Time after which a peer that takes no bytes is closed' })
  @Milliseconds()
  readonly slowPeerTimeoutMs: number = 30_000;

  @Setting({
    describe: 'Whether streams are looked at; without it only connections, bytes and time are counted',
  })
  @Switch()
  readonly inspection: boolean = true;

  @Setting({
    describe: 'What the pool mines: how many hashes one unit of its difficulty stands for is not on the wire',
  })
  @Algorithm()
  readonly algorithm: string = 'sha256d';

  @Setting({ describe: 'Longest line that is inspected; longer ones are relayed all the same, and counted' })
  @WholeNumber(1_024, 16_777_216)
  readonly maxLineBytes: number = 131_072;

  @Setting({ env: 'DRAIN_TIMEOUT_MS', describe: 'Time from the signal to stop until the process has ended' })
  @Milliseconds()
  readonly drainTimeoutMs: number = 15_000;

  @Setting({
    defaultAtMost: 'drainTimeoutMs',
    describe:
      'Time that answers to shares have to arrive when the proxy itself ends a session; at most `drain_timeout_ms`',
  })
  @Milliseconds()
  @NotAbove('drainTimeoutMs')
  readonly closeGraceMs: number = 2_000;

  @Setting({ describe: 'Silence of the pool that ends a session' })
  @Milliseconds()
  readonly jobTimeoutMs: number = 600_000;

  @Setting({ restart: true, describe: 'Interval at which the bytes and the time of sessions are journaled' })
  @Milliseconds()
  readonly usageIntervalMs: number = 30_000;

  @Setting({
    env: 'DATA_DIR',
    restart: true,
    describe: 'Directory of the journal and the ledger; one process owns it',
  })
  @Directory()
  readonly dataDir: string = './data';

  @Setting({
    env: 'INSTANCE_ID',
    restart: true,
    shownDefault: '"<hostname>"',
    describe: 'Name of this proxy, for people',
  })
  @Name()
  readonly instanceId: string = hostname();

  @Setting({ secret: true, describe: 'Bearer token that `/metrics` asks for; without one it is open' })
  @Token()
  readonly metricsToken: string | null = null;

  /** The HTTP side over TLS; null: plain. */
  readonly metricsTls: MetricsTlsSettings | null = null;
}
