import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import type { ClientNumbers, MeterReading } from '@mining-proxy/billing';
import type { FamilyDefinition, Sample } from './read-family';

type PerClient = readonly [
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  value: (numbers: ClientNumbers) => number,
];

/** Each of these has exactly the labels `client_id` and `pool_host`, and a client's appear together. */
const PER_CLIENT: readonly PerClient[] = [
  [
    'stratum_active_connections',
    'gauge',
    'Sessions open now; those whose client is not known yet stand under "unassigned"',
    (n) => n.activeConnections,
  ],
  ['stratum_connections_total', 'counter', 'Sessions of the client', (n) => n.connections],
  ['stratum_bytes_sent_total', 'counter', 'Bytes from miners to the pool', (n) => n.bytesSent],
  ['stratum_bytes_received_total', 'counter', 'Bytes from the pool to miners', (n) => n.bytesReceived],
  ['stratum_submits_total', 'counter', 'Shares submitted', (n) => n.counts.submits],
  ['stratum_accepted_shares_total', 'counter', 'Shares that the pool accepted', (n) => n.counts.accepted],
  [
    'stratum_accepted_stale_shares_total',
    'counter',
    'Shares that the pool accepted and flagged as stale; part of the accepted ones',
    (n) => n.counts.acceptedStale,
  ],
  ['stratum_rejected_shares_total', 'counter', 'Shares that the pool rejected', (n) => n.counts.rejected],
  ['stratum_unknown_shares_total', 'counter', 'Shares whose answer nobody can read', (n) => n.counts.unknown],
  [
    'stratum_unanswered_shares_total',
    'counter',
    'Shares that the pool never answered',
    (n) => n.counts.unanswered,
  ],
  ['stratum_shares_in_flight', 'gauge', 'Shares waiting for their answer', (n) => n.sharesInFlight],
  [
    'stratum_notifications_total',
    'counter',
    'Messages of the pool that are no answers',
    (n) => n.counts.notifications,
  ],
  ['stratum_jobs_total', 'counter', 'Jobs announced', (n) => n.counts.jobs],
  [
    'stratum_accepted_difficulty_total',
    'counter',
    'Sum of the difficulties of accepted shares',
    (n) => n.counts.acceptedDifficulty,
  ],
  [
    'stratum_accepted_hashes_total',
    'counter',
    'Hashes that the accepted shares are expected to have taken',
    (n) => n.counts.acceptedHashes,
  ],
  [
    'stratum_accepted_without_difficulty_total',
    'counter',
    'Accepted shares that added no work, because their difficulty is not known',
    (n) => n.counts.acceptedWithoutDifficulty,
  ],
];

/** The families of what is billed. */
export const CLIENT_FAMILIES: readonly FamilyDefinition[] = [
  ...PER_CLIENT.map(([name, type, help, value]) => ({
    name,
    type,
    help,
    *samples({ clients }: MeterReading): Iterable<Sample> {
      for (const numbers of clients) yield { labels: labelsOf(numbers), value: value(numbers) };
    },
  })),
  {
    name: 'stratum_share_rejections_total',
    type: 'counter',
    help: 'Rejected shares by reason',
    *samples({ clients }) {
      for (const numbers of clients) {
        for (const reason of REJECTION_REASONS) {
          const value = numbers.counts.rejectedFor(reason);
          if (value > 0) yield { labels: { ...labelsOf(numbers), reason }, value };
        }
      }
    },
  },
];

function labelsOf({ clientId, poolHost }: ClientNumbers) {
  return { client_id: clientId, pool_host: poolHost };
}
