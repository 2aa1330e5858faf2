import {
  AMOUNT_PLACES,
  decimalText,
  fixedText,
  measureText,
  roundedQuotient,
  visible,
  type Comparison,
  type Reason,
  type ReconciledRow,
  type Reconciliation,
} from '@mining-proxy/billing';
import { tableOf } from '../remote/table';
import { csvOf, type Row } from './csv';

export type ReconciliationFormat = 'table' | 'json' | 'csv';

/** What was compared, for the heading. */
export interface Asked {
  readonly files: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

const MOST_SHOWN = 50;
const ROWS_PER_PRINT = 1_000;

const WORDS: Readonly<Record<Reason, string>> = {
  edges: 'edges',
  stale: 'stale',
  foreign_accounts: 'foreign account',
  unanswered: 'unanswered',
  without_difficulty: 'without difficulty',
  rounding: 'rounding',
  statistics: 'statistics',
  tolerance: 'tolerance',
};

/** Prints what a reconciliation has found: for people what differs comes first, JSON and CSV have all rows. */
export function printReconciliation(
  found: Reconciliation,
  asked: Asked,
  format: ReconciliationFormat,
  print: (text: string) => void,
): void {
  const rows = [...found.rows].sort(troubledFirst);
  switch (format) {
    case 'json':
      printJson(found, rows, print);
      break;
    case 'csv':
      printCsv(rows, print);
      break;
    case 'table':
      print(textOf(found, rows, asked));
  }
}

const ORDER = ['differs', 'explained', 'equal'];

/** By what was found; whole months before their days; the larger difference first. */
function troubledFirst(a: ReconciledRow, b: ReconciledRow): number {
  return (
    ORDER.indexOf(a.finding) - ORDER.indexOf(b.finding) ||
    Number(a.day !== undefined) - Number(b.day !== undefined) ||
    compareBig(sizeOf(b), sizeOf(a)) ||
    (a.name < b.name ? -1 : 1)
  );
}

function sizeOf({ difference }: Comparison): bigint {
  return difference < 0n ? -difference : difference;
}

function compareBig(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A row as JSON and CSV have it: numbers are exact decimal text, `percent` of the ledger's is empty where that is 0. */
function facts(row: Comparison): Record<string, string> {
  const text = (amount: bigint) => decimalText(amount, AMOUNT_PLACES);
  return {
    pool: text(row.pool),
    ledger: text(row.ledger),
    difference: text(row.difference),
    percent: percentText(row, 4),
    finding: row.finding,
    explained_at_most: text(explainedBy(row)),
  };
}

function explanationsOf({ explanations }: Comparison): Record<string, string | null> {
  return Object.fromEntries(
    explanations.map(({ reason, atMost }) => [
      reason,
      atMost === null ? null : decimalText(atMost, AMOUNT_PLACES),
    ]),
  );
}

function printJson(
  found: Reconciliation,
  rows: readonly ReconciledRow[],
  print: (text: string) => void,
): void {
  const { total, rows: all, completeUntil, ...head } = found;
  const plain = {
    month: head.month,
    compared: head.measure,
    by: head.level,
    from: head.from,
    to: head.to,
    differs: head.differs,
    file_rows: head.fileRows,
    rows_of_other_months: head.otherMonths,
    repeated_rows: head.repeatedRows,
    ledger_complete_until: completeUntil === undefined ? null : new Date(completeUntil).toISOString(),
    total: { ...facts(total), explanations: explanationsOf(total) },
  };
  print(`${JSON.stringify(plain, null, 2).slice(0, -2)},\n  "rows": [`);
  // Line by line: a month of ten thousand workers does not fit into one text.
  for (let start = 0; start < all.length; start += ROWS_PER_PRINT) {
    const lines = rows.slice(start, start + ROWS_PER_PRINT).map((row) =>
      JSON.stringify({
        name: row.name,
        day: row.day ?? null,
        only_in: row.only ?? null,
        ...(row.couldBe === undefined ? {} : { could_be: row.couldBe }),
        ...facts(row),
        explanations: explanationsOf(row),
      }),
    );
    print(`${start === 0 ? '' : ','}\n    ${lines.join(',\n    ')}`);
  }
  print('\n  ]\n}\n');
}

function printCsv(rows: readonly ReconciledRow[], print: (text: string) => void): void {
  for (let start = 0; start < rows.length; start += ROWS_PER_PRINT) {
    const lines = rows.slice(start, start + ROWS_PER_PRINT).map((row): Row => ({
      name: row.name,
      day: row.day ?? '',
      only_in: row.only ?? '',
      ...facts(row),
      explanations: row.explanations.map(({ reason }) => reason).join(' '),
    }));
    print(csvOf(lines, start === 0));
  }
}

function textOf(found: Reconciliation, rows: readonly ReconciledRow[], { files, options }: Asked): string {
  const scale = scaleOf(found);
  const differing = rows.filter(({ finding }) => finding === 'differs');
  const parts = [
    `${files.map(visible).join(', ')} and the ledger, ${found.from} to ${found.to}` +
      `${narrowed(options)}: ${measureText(found.measure)}${scale.name}`,
    ...(differing.length === 0 ? [] : [`Differs by more than is explained:\n${tableFor(differing, scale)}`]),
    ...onlyIn(rows, 'pool', 'only in the file'),
    ...onlyIn(rows, 'ledger', 'only in the ledger'),
    tableFor([{ name: 'all', ...found.total }], scale),
    [...notes(found), summary(found, rows)].join('\n'),
  ];
  return `${parts.map((part) => part.trimEnd()).join('\n\n')}\n`;
}

function narrowed(options: Readonly<Record<string, string>>): string {
  const given = ['client-id', 'pool', 'account', 'utc-offset'].flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`${name} ${visible(value)}`];
  });
  return given.length === 0 ? '' : ` (${given.join(', ')})`;
}

function tableFor(rows: readonly ReconciledRow[], scale: Scale): string {
  const shown = rows.slice(0, MOST_SHOWN);
  const numbers = shown.map((row) => ({
    pool: scale.text(row.pool),
    ledger: scale.text(row.ledger),
    difference: scale.text(row.difference),
    percent: percentText(row, 2) || '-',
    explained: scale.text(explainedBy(row)),
  }));
  // Their text is exact and no number any more: it is brought to the right side here.
  const widthOf = (name: string) =>
    Math.max(name.length, ...numbers.map((row) => row[name as keyof typeof row].length));
  const table = tableOf(
    shown.map((row, index) => ({
      name: visible(row.name),
      day: row.day ?? 'all days',
      ...Object.fromEntries(
        Object.entries(numbers[index] ?? {}).map(([name, text]) => [name, text.padStart(widthOf(name))]),
      ),
      'what may explain it': reasonsText(row),
    })),
    '',
  );
  const more = rows.length - shown.length;
  return more > 0 ? `${table}and ${more} more: --format csv has all\n` : table;
}

function reasonsText({ explanations, couldBe, finding, difference, only }: ReconciledRow): string {
  const reasons = explanations.map(
    ({ reason, atMost }) => `${WORDS[reason]}${atMost === null ? ' (work unknown)' : ''}`,
  );
  if (couldBe !== undefined) reasons.push(`could be ${couldBe.map(visible).join(' or ')}: say --account`);
  else if (finding === 'differs' && difference > 0n && only === 'pool')
    reasons.push('not through this proxy?');
  return reasons.join(', ');
}

function* onlyIn(
  rows: readonly ReconciledRow[],
  side: 'pool' | 'ledger',
  heading: string,
): Generator<string> {
  const names = rows.filter(({ only }) => only === side).map(({ name }) => visible(name));
  if (names.length === 0) return;
  const more = names.length - MOST_SHOWN;
  yield `${heading} (${names.length}): ${names.slice(0, MOST_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function* notes({
  otherMonths,
  repeatedRows,
  completeUntil,
  fileRows,
  month,
}: Reconciliation): Generator<string> {
  if (otherMonths > 0) yield `${otherMonths} rows of the file are not of ${month} and were left out`;
  if (repeatedRows > 0)
    yield `${repeatedRows} of ${fileRows} rows have a name and time that an earlier one had: they were added up`;
  if (completeUntil !== undefined)
    yield `the ledger is complete up to ${new Date(completeUntil).toISOString()}: later shares are missing there`;
}

function summary({ level }: Reconciliation, rows: readonly ReconciledRow[]): string {
  const noun = level === 'all' ? 'total' : level;
  const count = (days: boolean) => {
    const some = rows.filter(({ day }) => (day !== undefined) === days);
    const of = (finding: string) => some.filter((row) => row.finding === finding).length;
    return { all: some.length, equal: of('equal'), explained: of('explained'), differs: of('differs') };
  };
  const [names, days] = [count(false), count(true)];
  const line = (what: string, { all, equal, explained, differs }: typeof names) =>
    `${all} ${what}: ${equal} equal, ${explained} explained, ${differs} not`;
  return [line(`${noun}s`, names), ...(days.all === 0 ? [] : [line(`days of ${noun}s`, days)])].join('; ');
}

interface Scale {
  readonly name: string;
  text(amount: bigint): string;
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const SHOWN_PLACES = 3;

/** Hashes are too many to read: they are shown in thousands of thousands, as many as leave the sum some digits. */
function scaleOf({ measure, total }: Reconciliation): Scale {
  if (measure === 'shares') return { name: '', text: (amount) => decimalText(amount, AMOUNT_PLACES) };
  if (measure === 'difficulty') return { name: '', text: (amount) => fixedText(amount, AMOUNT_PLACES) };
  const digits = (total.pool > total.ledger ? total.pool : total.ledger).toString().length - AMOUNT_PLACES;
  const step = Math.max(0, Math.min(PREFIXES.length - 1, Math.floor((digits - 4) / 3)));
  const divisor = 10n ** BigInt(AMOUNT_PLACES + 3 * step);
  return {
    name: `, in ${PREFIXES[step] ?? ''}H`,
    text: (amount) => fixedText(roundedQuotient(amount, divisor, SHOWN_PLACES), SHOWN_PLACES),
  };
}

function explainedBy({ explanations }: Comparison): bigint {
  return explanations.reduce((sum, { atMost }) => sum + (atMost ?? 0n), 0n);
}

/** Of the ledger's number; empty where that is 0. */
function percentText({ difference, ledger }: Comparison, places: number): string {
  return ledger === 0n ? '' : fixedText(roundedQuotient(difference * 100n, ledger, places), places);
}
