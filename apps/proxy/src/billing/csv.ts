import type { Statement } from '@mining-proxy/billing';

/** What a row of a table is: its columns by name, in order. */
export type Row = Readonly<Record<string, string>>;

/**
 * Rows as CSV (RFC 4180), which a spreadsheet opens without running any of it: text that would begin a formula
 * gets an apostrophe in front (OWASP, CSV injection). Worker names are chosen by miners.
 */
export function csvOf(rows: readonly Row[], withHead: boolean): string {
  const [first] = rows;
  if (!first) return '';
  const columns = Object.keys(first);
  const lines = rows.map((row) => columns.map((column) => cell(row[column] ?? '')).join(','));
  if (withHead) lines.unshift(columns.join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/**
 * A statement as a table of three columns: what, how much, and what it costs where it costs anything. Of a correction it
 * has those numbers that are not zero.
 */
export function statementTable(statement: Statement): Row[] {
  const { client_id, month, closed, usage, uptime, reject_rate_by_reason } = statement;
  const row = (item: string, quantity: string, amount = ''): Row => ({ item, quantity, amount });
  const facts = {
    client_id,
    month,
    closed_at: closed?.closed_at ?? '',
    sha256: closed?.sha256 ?? '',
    without_journals: closed?.without.join(' ') ?? '',
    ...usage,
    reject_rate: statement.reject_rate,
    ...Object.fromEntries(
      Object.entries(reject_rate_by_reason).map(([reason, rate]) => [`reject_rate_${reason}`, rate]),
    ),
    uptime: uptime.ratio ?? '',
    ...(uptime.workers === undefined ? {} : { workers: String(uptime.workers) }),
    connected_seconds: uptime.connected_seconds,
    elapsed_seconds: uptime.elapsed_seconds,
    ...Object.fromEntries(
      statement.journals.map(({ journal_id, folded_through }) => [
        `journal ${journal_id} folded_through`,
        folded_through,
      ]),
    ),
    currency: statement.amounts?.currency ?? '',
  };
  return [
    ...Object.entries(facts).map(([item, quantity]) => row(item, quantity)),
    ...(statement.amounts?.lines ?? []).map(({ item, quantity, amount }) => row(item, quantity, amount)),
    ...statement.corrections.flatMap(({ month: corrected, usage: late, amounts }) => [
      ...Object.entries(late)
        .filter(([, quantity]) => Number(quantity) !== 0)
        .map(([item, quantity]) => row(`${corrected} correction: ${item}`, quantity)),
      ...(amounts?.lines ?? []).map(({ item, quantity, amount }) =>
        row(`${corrected} correction: ${item}`, quantity, amount),
      ),
    ]),
    ...(statement.total === null ? [] : [row('total', '', statement.total)]),
  ];
}

/**
 * Where a formula would begin: at the front, and after a semicolon, which parts the cells where a comma parts decimals.
 * Some spreadsheets take the wide forms of East Asian keyboards for the signs.
 */
const FORMULA = /(^|; *)(?=[=+\-@\t\r\n＝＋－＠])/g;

function cell(text: string): string {
  // A number may begin with a minus; any other text that begins so would be a formula.
  const harmless = /^-?\d+(?:\.\d+)?$/.test(text) ? text : text.replace(FORMULA, "$1'");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
