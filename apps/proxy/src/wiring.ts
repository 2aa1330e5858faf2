import { readFileSync } from 'node:fs';
import {
  ClientDirectory,
  DocumentSigner,
  type AuditOptions,
  type BillingModuleOptions,
  type ExportOptions,
  type Rates,
  type UsageStoreOptions,
} from '@mining-proxy/billing';
import type {
  ClientSettings,
  PoolSettings,
  PoolTlsSettings,
  ProxyConfig,
  ProxySettings,
} from '@mining-proxy/config';
import {
  poolHostOf,
  type AccessOptions,
  type ClientLimits,
  type PoolOptions,
  type PoolTls,
  type RelayOptions,
} from '@mining-proxy/relay';
import { hashesPerDifficulty1, type InspectorOptions } from '@mining-proxy/stratum-parser';
import { descriptorLimit } from './descriptor-limit';

/** The relay's slice of the configuration, in the relay's words. Throws where a file of an authority cannot be read. */
export function relayOptions(
  config: ProxyConfig,
  directory: ClientDirectory,
  /** Sockets that listen already, by the listener's name. */
  sockets: ReadonlyMap<string, number> = new Map(),
): RelayOptions {
  const { proxy, listeners, pools, failover, clients } = config;
  const allPools = pools.map(({ name }) => name);
  return {
    listeners: listeners.map((listener) => ({
      name: listener.name,
      host: listener.bindAddress,
      port: listener.bindPort,
      pools: listener.pools ?? allPools,
      tls: listener.tls,
      proxyProtocol: listener.proxyProtocol,
      reusePort: listener.reusePort,
      proof: listener.proof,
      fd: sockets.get(listener.name),
    })),
    pools: pools.map((pool) => poolOptions(pool)),
    failover: {
      onDown: failover.onDown,
      failback: failover.failback,
      spreadMs: failover.failoverSpreadMs,
      noPoolDelayMs: failover.noPoolDelayMs,
    },
    access: accessOptions(config),
    clients: limitsOf(clients),
    clientOf: (connection) => directory.byConnection(connection),
    maxConnections: proxy.maxConnections,
    descriptorLimit: descriptorLimit(),
    limits: {
      connectionTimeoutMs: proxy.connectionTimeoutMs,
      loginTimeoutMs: proxy.loginTimeoutMs,
      idleTimeoutMs: proxy.idleTimeoutMs,
      slowPeerTimeoutMs: proxy.slowPeerTimeoutMs,
      jobTimeoutMs: proxy.jobTimeoutMs,
      closeGraceMs: proxy.closeGraceMs,
    },
    drainTimeoutMs: proxy.drainTimeoutMs,
    instanceId: proxy.instanceId,
  };
}

function accessOptions({ access: { ban, ...access } }: ProxyConfig): AccessOptions {
  return {
    ...access,
    ban: ban && { junkSessions: ban.junkSessions, withinMs: ban.withinS * 1000, forMs: ban.forS * 1000 },
  };
}

/** Of those clients that have any. */
function limitsOf(clients: readonly ClientSettings[]): ReadonlyMap<string, ClientLimits> {
  const limited = clients.filter(
    ({ maxConnections, connectRatePerS, suspended }) =>
      suspended || maxConnections > 0 || connectRatePerS > 0,
  );
  return new Map(
    limited.map(({ clientId, maxConnections, connectRatePerS, suspended }) => [
      clientId,
      { maxConnections, connectRatePerS, suspended },
    ]),
  );
}

function poolOptions({
  name,
  host,
  port,
  priority,
  weight,
  enabled,
  health,
  ...pool
}: PoolSettings): PoolOptions {
  const { kind, intervalMs, timeoutMs, fall, rise } = health;
  return {
    name,
    host,
    port,
    priority,
    weight,
    enabled,
    tls: pool.tls && poolTls(pool.tls),
    proxyProtocol: pool.proxyProtocol === null ? null : pool.proxyProtocol === 'v1' ? 1 : 2,
    health: { kind, intervalMs, timeoutMs, fall, rise },
  };
}

function poolTls({ serverName, caFile, fingerprintSha256, verify }: PoolTlsSettings): PoolTls {
  return { serverName, ca: caFile === null ? null : readFileSync(caFile, 'utf8'), fingerprintSha256, verify };
}

/** Who is billed for what, by this configuration. */
export function clientDirectory({ listeners, identity, clients }: ProxyConfig): ClientDirectory {
  const ofListener = new Map(
    listeners.flatMap(({ name, clientId }): [string, string][] =>
      clientId === null ? [] : [[name, clientId]],
    ),
  );
  return new ClientDirectory(clients, identity.fallback, identity.separators, ofListener);
}

/** The meters' slice. */
export function metersOptions(
  config: ProxyConfig,
  directory: ClientDirectory,
): BillingModuleOptions['meters'] {
  const { proxy, pools, identity, workers } = config;
  return {
    directory,
    poolHosts: pools.map((pool) => poolHostOf(pool)),
    maxClients: identity.maxClients,
    inspectionOf: inspections(config),
    audit: {
      submitsPerSecond: config.audit.submitsPerSecond,
      algorithmOf: auditAlgorithms(config),
      payoutAddresses: payoutAddressesOf(config),
    },
    workers: { silentAfterMs: workers.silentAfterS * 1000, forgetAfterMs: workers.forgetAfterH * 3_600_000 },
    usageIntervalMs: proxy.usageIntervalMs,
  };
}

/** Where usage is kept, and what it costs. */
export function usageStoreOptions(config: ProxyConfig): UsageStoreOptions {
  const { proxy, billing } = config;
  return {
    dataDirectory: proxy.dataDir,
    databaseUrl: billing.databaseUrl,
    journalRetentionDays: billing.journalRetentionDays,
    journalMaxBytes: billing.journalMaxBytes,
    sessionsRetentionDays: billing.sessionsRetentionDays,
    rates: ratesOf(config),
    export: exportOf(config),
    instance: proxy.instanceId,
  };
}

/** Signs with the key of the configuration. Throws where its file has changed to something else since it was checked. */
export function documentSigner({ billing: { signingKeyFile } }: ProxyConfig): DocumentSigner {
  return new DocumentSigner(signingKeyFile === null ? null : readFileSync(signingKeyFile));
}

/** What usage costs: as plain data, without what is not set, for it is handed to a thread. */
export function ratesOf({ billing }: ProxyConfig): Rates | null {
  return JSON.parse(JSON.stringify(billing.rates)) as Rates | null;
}

/** Of those clients that have any. */
function payoutAddressesOf({ clients }: ProxyConfig): AuditOptions['payoutAddresses'] {
  const paid = clients.filter(({ payoutAddresses }) => payoutAddresses.length > 0);
  return new Map(paid.map(({ clientId, payoutAddresses }) => [clientId, payoutAddresses]));
}

/** Where usage is sent: as plain data, for it is handed to a thread. */
export function exportOf({ billing }: ProxyConfig): ExportOptions | null {
  if (billing.export === null) return null;
  const { url, token, batchSize, intervalMs, timeoutMs, from } = billing.export;
  return {
    url,
    token,
    batchSize,
    intervalMs,
    timeoutMs,
    from: from === null ? 0 : Date.parse(`${from}T00:00:00Z`),
  };
}

/** What the shares of a session are hashed with: as its listener says, else as its pool does, else as all. */
function auditAlgorithms({ proxy, listeners, pools }: ProxyConfig): AuditOptions['algorithmOf'] {
  const known = (name: string) => (name === 'sha256d' || name === 'scrypt' ? name : null);
  const ofPool = new Map(pools.map((pool) => [poolHostOf(pool), pool.algorithm ?? proxy.algorithm]));
  const ofListener = new Map(listeners.map(({ name, algorithm }) => [name, algorithm]));
  return ({ listener, poolHost }) =>
    known(ofListener.get(listener) ?? ofPool.get(poolHost) ?? proxy.algorithm);
}

/** How a session is looked at: as its listener says, else as its pool does, else as all. */
function inspections({
  proxy,
  listeners,
  pools,
}: ProxyConfig): BillingModuleOptions['meters']['inspectionOf'] {
  if (!proxy.inspection) return () => null;
  const byAlgorithm = new Map<string, InspectorOptions>();
  const optionsFor = (algorithm: string): InspectorOptions => {
    let options = byAlgorithm.get(algorithm);
    if (!options) byAlgorithm.set(algorithm, (options = inspectionOptions(proxy, algorithm)));
    return options;
  };
  const ofPool = new Map(
    pools.map((pool) => [poolHostOf(pool), optionsFor(pool.algorithm ?? proxy.algorithm)]),
  );
  const ofListener = new Map(
    listeners.flatMap(({ name, algorithm }): [string, InspectorOptions][] =>
      algorithm === null ? [] : [[name, optionsFor(algorithm)]],
    ),
  );
  const others = optionsFor(proxy.algorithm);
  return ({ listener, poolHost }) => ofListener.get(listener) ?? ofPool.get(poolHost) ?? others;
}

function inspectionOptions({ maxLineBytes }: ProxySettings, algorithm: string): InspectorOptions {
  const unit = hashesPerDifficulty1(algorithm);
  return { maxLineBytes, ...(unit === undefined ? {} : { hashesPerDifficulty1: unit }) };
}
