import { readFileSync } from 'node:fs';
import {
  ClientDirectory,
  type BillingModuleOptions,
  type Rates,
  type UsageStoreOptions,
} from '@mining-proxy/billing';
import type { PoolSettings, PoolTlsSettings, ProxyConfig, ProxySettings } from '@mining-proxy/config';
import { poolHostOf, type PoolOptions, type PoolTls, type RelayOptions } from '@mining-proxy/relay';
import { hashesPerDifficulty1, type InspectorOptions } from '@mining-proxy/stratum-parser';
import { descriptorLimit } from './descriptor-limit';

/** The relay's slice of the configuration, in the relay's words. Throws where a file of an authority cannot be read. */
export function relayOptions({ proxy, listeners, pools, failover }: ProxyConfig): RelayOptions {
  const allPools = pools.map(({ name }) => name);
  return {
    listeners: listeners.map((listener) => ({
      name: listener.name,
      host: listener.bindAddress,
      port: listener.bindPort,
      pools: listener.pools ?? allPools,
      tls: listener.tls,
      proxyProtocol: listener.proxyProtocol,
    })),
    pools: pools.map((pool) => poolOptions(pool)),
    failover: {
      onDown: failover.onDown,
      failback: failover.failback,
      spreadMs: failover.failoverSpreadMs,
      noPoolDelayMs: failover.noPoolDelayMs,
    },
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

/** The meters' slice, likewise. */
export function metersOptions(config: ProxyConfig): BillingModuleOptions['meters'] {
  const { proxy, listeners, pools, identity, clients } = config;
  const ofListener = new Map(
    listeners.flatMap(({ name, clientId }): [string, string][] =>
      clientId === null ? [] : [[name, clientId]],
    ),
  );
  return {
    directory: new ClientDirectory(clients, identity.fallback, identity.separators, ofListener),
    poolHosts: pools.map((pool) => poolHostOf(pool)),
    maxClients: identity.maxClients,
    inspectionOf: inspections(config),
    usageIntervalMs: proxy.usageIntervalMs,
  };
}

/** Where usage is kept, and what it costs. */
export function usageStoreOptions({ proxy, billing }: ProxyConfig): UsageStoreOptions {
  return {
    dataDirectory: proxy.dataDir,
    databaseUrl: billing.databaseUrl,
    journalRetentionDays: billing.journalRetentionDays,
    journalMaxBytes: billing.journalMaxBytes,
    sessionsRetentionDays: billing.sessionsRetentionDays,
    // As plain data, without what is not set: it is handed to a thread.
    rates: JSON.parse(JSON.stringify(billing.rates)) as Rates | null,
    instance: proxy.instanceId,
  };
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
