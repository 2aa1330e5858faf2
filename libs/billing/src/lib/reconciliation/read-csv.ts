import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { CsvError, parse } from 'csv-parse';
import { columnsOf, type CsvColumns, type GivenColumns } from './csv-columns';
import { quoted, type FileFaults } from './file-faults';
import { readFileTime } from './file-time';
import { hashesIn, readAmount, type SpelledAmount } from './measure';
import { PoolCredits, type CreditRow, type Level } from './pool-credits';
import type { PoolDays } from './pool-days';

/** How a file is to be read, where it does not say so itself. */
export interface ReadingOptions {
  readonly days: PoolDays;
  readonly columns: GivenColumns;
  /** Hashes in the unit of a hashrate. */
  readonly unit: bigint | undefined;
  readonly decimalComma: boolean;
}

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** A quote that is never closed would take the whole file for one field. */
const LONGEST_ROW = 1_048_576;
const LOOKED_AT = 65_536;

/**
 * Reads CSV (RFC 4180; commas, semicolons or tabs; with or without a byte order mark) row by row, and adds up what it says.
 * `credits` are those of the files before. Says in `faults` what cannot be read. Rejects with what the disk says.
 */
export async function readCsv(
  file: string,
  options: ReadingOptions,
  faults: FileFaults,
  credits?: PoolCredits,
): Promise<PoolCredits | undefined> {
  const start = await beginningOf(file);
  const parser = createReadStream(file).pipe(
    parse({
      bom: true,
      delimiter: delimiterOf(start),
      encoding: start.subarray(0, 2).equals(UTF16_MARK) ? 'utf16le' : 'utf8',
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_ROW,
    }),
  );
  let sum = credits;
  let columns: CsvColumns | undefined;
  let fields = 0;
  try {
    for await (const { record, info } of parser as AsyncIterable<Line>) {
      if (columns !== undefined && sum !== undefined) {
        // A row of nothing but commas is what spreadsheets leave below a table.
        if (record.every((field) => field.trim() === '')) continue;
        const place = `line ${info.lines}`;
        if (record.length !== fields) faults.add(place, `has ${record.length} fields, the heading ${fields}`);
        else addRow(record, { columns, options, place, faults, credits: sum });
        continue;
      }
      columns = columnsOf(record, options.columns, options.unit, faults);
      if (columns === undefined) break;
      fields = record.length;
      sum ??= new PoolCredits(columns.measure, options.days);
      if (!isOfAKind(columns, sum, faults, credits !== undefined)) break;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    faults.add('', csvFault(error));
  }
  if (columns === undefined && faults.none)
    faults.add('', 'has no heading: its first line names the columns');
  return sum;
}

const UTF16_MARK = Buffer.from([0xff, 0xfe]);

/** Files of one question say the same thing of the same kind of names. */
function isOfAKind(columns: CsvColumns, credits: PoolCredits, faults: FileFaults, isLater: boolean): boolean {
  const level: Level = levelOf(columns);
  if (!isLater) credits.level = level;
  if (credits.measure === columns.measure && credits.level === level) return true;
  faults.add(
    'line 1',
    `counts ${columns.measure} by ${level}, the files before it ${credits.measure} by ${credits.level}`,
  );
  return false;
}

function levelOf({ worker, account }: CsvColumns): Level {
  if (worker !== undefined) return 'worker';
  return account === undefined ? 'all' : 'account';
}

interface RowReading {
  readonly columns: CsvColumns;
  readonly options: ReadingOptions;
  readonly place: string;
  readonly faults: FileFaults;
  readonly credits: PoolCredits;
}

function addRow(record: readonly string[], { columns, options, place, faults, credits }: RowReading): void {
  const field = (index: number | undefined): string =>
    index === undefined ? '' : (record[index] ?? '').trim();
  const name = nameIn(field(columns.account), field(columns.worker));
  if (name === '' && credits.level !== 'all') faults.add(place, `${credits.level} is empty`);
  const time =
    columns.day === undefined ? undefined : readFileTime(field(columns.day), options.days.offsetMs);
  if (columns.day !== undefined && !time) {
    faults.add(
      place,
      `day ${quoted(field(columns.day))} is no day or time as in 2026-11-01 or 2026-11-01T05:00:00Z`,
    );
  }
  const value = valueOf(field(columns.value), { columns, options, place, faults });
  if (value === undefined || (columns.day !== undefined && !time) || (name === '' && credits.level !== 'all'))
    return;
  const row: CreditRow = time === undefined ? { name, value } : { name, time, value };
  credits.add(row, faults);
}

function nameIn(account: string, worker: string): string {
  if (account === '' || worker === '' || worker.toLowerCase().startsWith(account.toLowerCase()))
    return worker === '' ? account : worker;
  return `${account}.${worker}`;
}

function valueOf(
  text: string,
  { columns, options, place, faults }: Omit<RowReading, 'credits'>,
): SpelledAmount | undefined {
  // `95.2 TH/s`
  const match = /^([\d.,+-]+(?:[eE][+-]?\d+)?)\s*([a-zA-Z][a-zA-Z/ ]*)$/.exec(text);
  const [number, own] = match ? [match[1] ?? '', hashesIn(match[2] ?? '')] : [text, undefined];
  const value = match && own === undefined ? undefined : readAmount(number, options.decimalComma);
  if (!value) {
    const hint =
      text.includes(',') && !options.decimalComma ? ' (where commas begin decimals: --decimal-comma)' : '';
    faults.add(place, `${columns.measure} ${quoted(text)} is no number${hint}`);
    return undefined;
  }
  if (columns.measure !== 'hashrate') {
    if (own === undefined) return value;
    faults.add(place, `${columns.measure} ${quoted(text)} has a unit`);
    return undefined;
  }
  const unit = own ?? columns.unit;
  if (unit === undefined) {
    faults.add(place, `hashrate ${quoted(text)} has no unit: say --unit H/s, TH/s or what it is`);
    return undefined;
  }
  return { amount: value.amount * unit, step: value.step * unit };
}

function csvFault(error: CsvError): string {
  const line = (error as { readonly lines?: unknown }).lines;
  const place = typeof line === 'number' ? `line ${line}: ` : '';
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return `${place}a quote is never closed: the file is cut off, or has a quote too many`;
    case 'CSV_MAX_RECORD_SIZE':
      return `${place}a row is longer than ${LONGEST_ROW} bytes: a quote may be missing`;
    default:
      return `${place}is no CSV: a quote stands where none can be`;
  }
}

async function beginningOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(LOOKED_AT), 0, LOOKED_AT, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** What parts most fields of the heading; quoted ones may have any of these in them. */
function delimiterOf(start: Buffer): string {
  const utf16 = start.subarray(0, 2).equals(UTF16_MARK);
  const [heading = ''] = start
    .toString(utf16 ? 'utf16le' : 'utf8')
    .replaceAll(/"[^"]*"/g, '')
    .trimStart()
    .split(/[\r\n]/, 1);
  const count = (delimiter: string) => heading.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, next) => (count(next) > count(best) ? next : best));
}
