import type { MetricsPage } from '@mining-proxy/e2e-support';
import type { LedgerRow } from './ledger-rows';

/** Columns of the ledger and the counters that have to have grown by as much. */
const COUNTERS: Readonly<Record<string, string>> = {
  bytes_sent: 'stratum_bytes_sent_total',
  bytes_received: 'stratum_bytes_received_total',
  sessions: 'stratum_connections_total',
  submits: 'stratum_submits_total',
  accepted: 'stratum_accepted_shares_total',
  rejected: 'stratum_rejected_shares_total',
  unknown: 'stratum_unknown_shares_total',
  unanswered: 'stratum_unanswered_shares_total',
  foreign_accounts: 'stratum_foreign_accounts_total',
};
const WORK: Readonly<Record<string, string>> = {
  accepted_difficulty: 'stratum_accepted_difficulty_total',
  accepted_hashes: 'stratum_accepted_hashes_total',
};
const REASON = /^rejected_(.+)$/;

/**
 * The metrics of a proxy, which began at 0, are what the ledger has grown by since: per client, exactly for counts and
 * bytes, to 10^-9 for work. Rows are grouped by client.
 */
export function expectMetricsEqualLedger(
  page: MetricsPage,
  rows: readonly LedgerRow[],
  before: readonly LedgerRow[] = [],
): void {
  const clients = new Set([
    ...rows.map((row) => row.client_id ?? ''),
    ...page.labelValues('stratum_connections_total', 'client_id'),
  ]);
  for (const client_id of clients) {
    const of = (list: readonly LedgerRow[]): LedgerRow =>
      list.find((row) => row.client_id === client_id) ?? {};
    const growth = (column: string) => Number(of(rows)[column] ?? 0) - Number(of(before)[column] ?? 0);
    const shown = (metrics: Readonly<Record<string, string>>) =>
      Object.entries(metrics).map(([column, metric]) => [column, page.value(metric, { client_id })]);
    const booked = (columns: Readonly<Record<string, string>>) =>
      Object.keys(columns).map((column) => [column, growth(column)]);
    const reasons = Object.keys(of(rows)).flatMap((column) => {
      const reason = REASON.exec(column)?.[1];
      return reason === undefined || growth(column) === 0 ? [] : [[reason, growth(column)] as const];
    });
    expect({ client_id, ...Object.fromEntries(booked(COUNTERS)), by: Object.fromEntries(reasons) }).toEqual({
      client_id,
      ...Object.fromEntries(shown(COUNTERS)),
      by: page.by('stratum_share_rejections_total', 'reason', { client_id }),
    });
    for (const [column, metric] of Object.entries(WORK)) {
      const work = growth(column);
      const difference = Math.abs(page.value(metric, { client_id }) - work);
      expect({ client_id, column, isClose: difference <= work * 1e-9 }).toEqual({
        client_id,
        column,
        isClose: true,
      });
    }
  }
}
