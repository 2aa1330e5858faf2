import type { LedgerReports, UsagePage, UsageQuery } from '@mining-proxy/billing';
import { csvOf } from './csv';
import { MOST_ROWS } from './usage-question';

/** All pages of a question, each asked for when it is wanted. The ledger sums anew for each, so they are as large as may be. */
export async function* usagePages(
  ledger: Pick<LedgerReports, 'usage'>,
  query: UsageQuery,
): AsyncGenerator<UsagePage, void> {
  let page = await ledger.usage({ ...query, limit: MOST_ROWS });
  yield page;
  while (page.next !== undefined) {
    page = await ledger.usage({ ...query, limit: MOST_ROWS, cursor: page.next });
    yield page;
  }
}

/** The same as CSV, a text for each page; the first has the names of the columns. */
export async function* usageCsv(
  ledger: Pick<LedgerReports, 'usage'>,
  query: UsageQuery,
): AsyncGenerator<string, void> {
  let first = true;
  for await (const { rows } of usagePages(ledger, query)) {
    yield csvOf(rows, first);
    first = false;
  }
}
