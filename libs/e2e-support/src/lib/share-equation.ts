import type { MetricsPage } from './metrics-page';

/** `submits = accepted + rejected + unknown + unanswered + in flight`, for every client and at every moment. */
export function expectSharesToAddUp(page: MetricsPage): void {
  const differences = page.labelValues('stratum_submits_total', 'client_id').flatMap((client_id) => {
    const count = (name: string) => page.value(name, { client_id });
    const outcomes =
      count('stratum_accepted_shares_total') +
      count('stratum_rejected_shares_total') +
      count('stratum_unknown_shares_total') +
      count('stratum_unanswered_shares_total') +
      count('stratum_shares_in_flight');
    const submits = count('stratum_submits_total');
    const byReason = count('stratum_share_rejections_total');
    const rejected = count('stratum_rejected_shares_total');
    return submits === outcomes && byReason === rejected
      ? []
      : [{ client_id, submits, outcomes, rejected, byReason }];
  });
  expect(differences).toEqual([]);
  expect(page.series('stratum_share_equation_difference')).toEqual([{ labels: {}, value: 0 }]);
}
