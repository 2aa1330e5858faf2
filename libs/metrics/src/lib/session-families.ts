import { DISPUTES, WORKER_STATES, type Meters, type SessionTotals } from '@mining-proxy/billing';
import type { LatencyHistogram } from '@mining-proxy/billing';
import type { Relay } from '@mining-proxy/relay';
import type { FamilyDefinition, Sample } from './read-family';

/** The families that belong to no client: what the relay and the inspection counted over all sessions. */
export function sessionFamilies(relay: Relay, meters: Meters): readonly FamilyDefinition[] {
  return [
    ...relayFamilies(relay),
    ...inspectionFamilies(meters.totals),
    workersFamily(meters),
    ...auditFamilies(meters),
  ];
}

/** Of clients that have no label of their own, together. */
function workersFamily(meters: Meters): FamilyDefinition {
  return {
    name: 'stratum_workers',
    type: 'gauge',
    help: 'Workers that were seen lately: mining, silent (connected without a share), gone (not connected)',
    samples: () => {
      const sums = new Map<string, Record<string, number>>();
      const add = (label: string, counts: Readonly<Record<string, number>>) => {
        const sum = sums.get(label) ?? {};
        for (const state of WORKER_STATES) sum[state] = (sum[state] ?? 0) + (counts[state] ?? 0);
        sums.set(label, sum);
      };
      for (const clientId of meters.directory.configuredIds) add(clientId, {});
      for (const [clientId, counts] of meters.workers.countsByClient()) add(meters.labelOf(clientId), counts);
      return [...sums].flatMap(([client_id, sum]) =>
        WORKER_STATES.map((state) => ({ labels: { client_id, state }, value: sum[state] ?? 0 })),
      );
    },
  };
}

/** What the audit found; a client's series begin with its first share that was looked at. */
function auditFamilies({ audit }: Meters): FamilyDefinition[] {
  return [
    {
      name: 'stratum_audited_shares_total',
      type: 'counter',
      help: 'Shares by what their hash says (verdict) and what the pool said (outcome)',
      *samples({ audits }) {
        for (const tally of audits) {
          const { clientId: client_id, poolHost: pool_host } = tally;
          for (const { verdict, outcome, value } of tally.all())
            yield { labels: { client_id, pool_host, verdict, outcome }, value };
        }
      },
    },
    {
      name: 'stratum_disputed_shares_total',
      type: 'counter',
      help: 'Valid shares refused as low or invalid, and shares accepted that are below target or sent twice',
      *samples({ audits }) {
        for (const { clientId: client_id, poolHost: pool_host, disputes } of audits)
          for (const dispute of DISPUTES)
            yield { labels: { client_id, pool_host, dispute }, value: disputes[dispute] };
      },
    },
    {
      name: 'stratum_block_candidates_total',
      type: 'counter',
      help: "Shares that meet the network's target of their job",
      *samples({ audits }) {
        for (const { clientId: client_id, poolHost: pool_host, blocks } of audits)
          yield { labels: { client_id, pool_host }, value: blocks };
      },
    },
    {
      name: 'stratum_foreign_payouts_total',
      type: 'counter',
      help: "Jobs whose coinbase pays none of the client's payout_addresses, or cannot be read",
      samples: () => byLabel('client_id', audit.payouts.foreign),
    },
    {
      name: 'stratum_unread_coinbases_total',
      type: 'counter',
      help: 'Jobs, of clients with payout_addresses, whose coinbase could not be read',
      samples: () => byLabel('pool_host', audit.payouts.unread),
    },
  ];
}

function relayFamilies(relay: Relay): FamilyDefinition[] {
  return [
    {
      name: 'stratum_max_connections',
      type: 'gauge',
      help: 'Sessions that are served at one time, by configuration',
      samples: () => [{ labels: {}, value: relay.maxConnections }],
    },
    {
      name: 'stratum_pool_up',
      type: 'gauge',
      help: '1 while the pool can be used, 0 after several failed dials and checks in a row',
      samples: () =>
        relay.pools.map(({ poolHost, up }) => ({ labels: { pool_host: poolHost }, value: up ? 1 : 0 })),
    },
    {
      name: 'stratum_pool_sessions',
      type: 'gauge',
      help: 'Sessions open at the pool',
      samples: () =>
        relay.pools.map(({ poolHost, sessions }) => ({ labels: { pool_host: poolHost }, value: sessions })),
    },
    {
      name: 'stratum_failovers_total',
      type: 'counter',
      help: 'Sessions that the trouble of the pool moved away from it',
      samples: () =>
        relay.pools.map(({ poolHost, failovers }) => ({ labels: { pool_host: poolHost }, value: failovers })),
    },
    {
      name: 'stratum_pool_dials_total',
      type: 'counter',
      help: 'Dials of the pool, for miners and for its health, by how they ended',
      samples: () =>
        relay.pools.flatMap(({ poolHost, dials }) =>
          Array.from(dials, ([outcome, value]) => ({ labels: { pool_host: poolHost, outcome }, value })),
        ),
    },
    {
      name: 'stratum_certificate_expiry_timestamp_seconds',
      type: 'gauge',
      help: "When the listener's certificate ends, in seconds since 1970",
      samples: () =>
        Array.from(relay.certificateExpiries, ([listener, expiry]) => ({
          labels: { listener },
          value: expiry / 1000,
        })),
    },
  ];
}

function inspectionFamilies(totals: SessionTotals): FamilyDefinition[] {
  return [
    {
      name: 'stratum_share_equation_difference',
      type: 'gauge',
      help: 'Submits less accepted, rejected, unknown, unanswered and in flight; must be 0',
      samples: ({ equationDifference }) => [{ labels: {}, value: equationDifference }],
    },
    {
      name: 'stratum_sessions_total',
      type: 'counter',
      help: 'Sessions by what they spoke, counted at close or a minute after accept',
      samples: () => byLabel('dialect', totals.sessionsByDialect),
    },
    {
      name: 'stratum_unmeasured_bytes_total',
      type: 'counter',
      help: 'Bytes of sessions in which no share can be seen',
      samples: ({ unmeasuredBytes }) => byLabel('dialect', unmeasuredBytes),
    },
    {
      name: 'stratum_unparsed_lines_total',
      type: 'counter',
      help: 'Lines that the inspection skipped; they were relayed like all others',
      samples: () => totals.unparsedLines,
    },
    {
      name: 'stratum_undelivered_bytes_total',
      type: 'counter',
      help: 'Bytes read from one side that the other never took',
      samples: () => byLabel('direction', new Map(Object.entries(totals.undeliveredBytes))),
    },
    {
      name: 'stratum_foreign_accounts_total',
      type: 'counter',
      help: "Logins and shares for an account that is none of the client's",
      samples: () => byLabel('client_id', totals.foreignAccounts),
    },
    {
      name: 'stratum_unknown_requests_total',
      type: 'counter',
      help: 'Requests of miners that no dialect knows, by method; beyond 50 methods, `other`',
      samples: () => byLabel('method', totals.unknownRequests),
    },
    {
      name: 'stratum_reconnect_requests_total',
      type: 'counter',
      help: 'Times that the pool told a miner to connect elsewhere, past this meter',
      samples: () => byLabel('pool_host', totals.reconnectRequests),
    },
    {
      name: 'stratum_request_response_seconds',
      type: 'histogram',
      help: 'Time from a request to its answer, all requests that were answered',
      samples: () => histograms('stratum_request_response_seconds', totals.responseSeconds),
    },
  ];
}

function byLabel(label: string, counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts].map(([key, value]) => ({ labels: { [label]: key }, value }));
}

/** The lines of a histogram for each pool. */
export function histograms(name: string, byPool: ReadonlyMap<string, LatencyHistogram>): Sample[] {
  return [...byPool].flatMap(([poolHost, histogram]) =>
    histogramSamples(name, { pool_host: poolHost }, histogram),
  );
}

/** The lines of one histogram: its buckets add up, as Prometheus has them. */
export function histogramSamples(
  name: string,
  labels: Readonly<Record<string, string>>,
  { bounds, counts, sum }: LatencyHistogram,
): Sample[] {
  let cumulative = 0;
  const buckets = counts.map((count, index) => {
    cumulative += count;
    const le = bounds[index] ?? '+Inf';
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: cumulative };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: cumulative },
  ];
}
