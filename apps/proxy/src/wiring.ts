import {
  ClientDirectory,
  type BillingModuleOptions,
  type Rates,
  type UsageStoreOptions,
} from '@mining-proxy/billing';
import type { ProxyConfig, ProxySettings } from '@mining-proxy/config';
import { poolHostOf, type RelayOptions } from '@mining-proxy/relay';
import { hashesPerDifficulty1, type InspectorOptions } from '@mining-proxy/stratum-parser';
import { descriptorLimit } from './descriptor-limit';

/** The relay's slice of the configuration, in the relay's words. */
export function relayOptions({ proxy }: ProxyConfig): RelayOptions {
  return {
    listeners: [{ name: 'default', host: proxy.bindAddress, port: proxy.bindPort }],
    pool: { host: proxy.poolHost, port: proxy.poolPort },
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

/** The meters' slice, likewise. */
export function metersOptions({ proxy, identity, clients }: ProxyConfig): BillingModuleOptions['meters'] {
  return {
    directory: new ClientDirectory(clients, identity.fallback, identity.separators),
    poolHosts: [poolHostOf({ host: proxy.poolHost, port: proxy.poolPort })],
    maxClients: identity.maxClients,
    inspection: proxy.inspection ? inspectionOptions(proxy) : null,
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

function inspectionOptions({ maxLineBytes, algorithm }: ProxySettings): InspectorOptions {
  const unit = hashesPerDifficulty1(algorithm);
  return { maxLineBytes, ...(unit === undefined ? {} : { hashesPerDifficulty1: unit }) };
}
