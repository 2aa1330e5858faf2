import type { LedgerReports, UsageQuery } from '@mining-proxy/billing';
import { csvOf } from './csv';
import { MOST_ROWS } from './usage-question';

/** All rows of a question as CSV, page by page. The ledger sums anew for each page, so pages are as large as may be. */
export async function* usageCsv(
  ledger: Pick<LedgerReports, 'usage'>,
  query: UsageQuery,
): AsyncGenerator<string, void> {
  let page = await ledger.usage({ ...query, limit: MOST_ROWS });
  yield csvOf(page.rows, true);
  while (page.next !== undefined) {
    page = await ledger.usage({ ...query, limit: MOST_ROWS, cursor: page.next });
    yield csvOf(page.rows, false);
  }
}
