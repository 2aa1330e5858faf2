import type { FileFaults } from './file-faults';
import { quoted } from './file-faults';
import { hashesIn, MEASURES, type Measure } from './measure';

/** What a column of a file can be. */
export const FILE_COLUMNS = ['worker', 'account', 'day', ...MEASURES] as const;
export type FileColumn = (typeof FILE_COLUMNS)[number];

/** Names of columns in the file, where the user says them. */
export type GivenColumns = Readonly<Partial<Record<FileColumn, string>>>;

/** Where a CSV file has what: positions of its columns. */
export interface CsvColumns {
  readonly worker: number | undefined;
  readonly account: number | undefined;
  readonly day: number | undefined;
  readonly value: number;
  readonly measure: Measure;
  /** As the file spells it. */
  readonly valueName: string;
  /** Hashes that one of a hashrate's unit is, where the heading or the user says so. */
  readonly unit: bigint | undefined;
}

/** Headings that pools use, small and without signs. What one could take for two things is not among them. */
const ALIASES: Readonly<Record<FileColumn, readonly string[]>> = {
  worker: ['worker', 'workername', 'workerid', 'miner', 'minername', 'rig', 'rigname', 'machine', 'name'],
  account: ['account', 'accountname', 'subaccount', 'subaccountname', 'user', 'username'],
  day: ['day', 'date', 'dateutc', 'datetime', 'time', 'timestamp', 'hour', 'period'],
  difficulty: [
    'accepteddifficulty',
    'difficultyaccepted',
    'difficultysum',
    'sumofdifficulty',
    'totaldifficulty',
  ],
  hashes: ['hashes', 'acceptedhashes', 'totalhashes'],
  shares: ['acceptedshares', 'sharesaccepted', 'validshares', 'accepted', 'shares'],
  hashrate: ['hashrate', 'averagehashrate', 'avghashrate', 'hashrateavg', 'meanhashrate'],
};

/**
 * Finds the columns by the names that were given, else by what pools call them. Where a file has several measures the first
 * one of difficulty, hashes, shares and hashrate is taken. Says in `faults` what is not there, and is undefined then.
 */
export function columnsOf(
  heading: readonly string[],
  given: GivenColumns,
  givenUnit: bigint | undefined,
  faults: FileFaults,
): CsvColumns | undefined {
  const place = (column: FileColumn) => placeOf(heading, column, given, faults);
  const wanted = MEASURES.filter((measure) => given[measure] !== undefined);
  if (wanted.length > 1) faults.add('', `only one of ${wanted.join(', ')} can be compared`);
  const found = (wanted.length > 0 ? wanted : MEASURES)
    .map((measure) => ({ measure, value: place(measure) }))
    .find(({ value }) => value !== undefined);
  const [worker, account, day] = [place('worker'), place('account'), place('day')];
  if (found?.value === undefined) {
    if (wanted.length === 0) {
      faults.add(
        'line 1',
        `no column is known to be what the pool credits: say --columns with one of ${MEASURES.join(', ')}; the file has ${heading.map(quoted).join(', ')}`,
      );
    }
    return undefined;
  }
  const valueName = heading[found.value] ?? '';
  return {
    worker,
    account,
    day,
    value: found.value,
    measure: found.measure,
    valueName,
    unit: givenUnit ?? unitIn(valueName),
  };
}

function placeOf(
  heading: readonly string[],
  column: FileColumn,
  given: GivenColumns,
  faults: FileFaults,
): number | undefined {
  const name = given[column];
  const isIt =
    name === undefined
      ? (text: string) => ALIASES[column].includes(plain(text))
      : (text: string) => text.trim().toLowerCase() === name.trim().toLowerCase();
  const places = heading.flatMap((text, index) => (isIt(text) ? [index] : []));
  if (places.length > 1) faults.add('line 1', `more than one column is ${column}: say which with --columns`);
  if (places.length === 0 && name !== undefined)
    faults.add(
      'line 1',
      `no column is called ${quoted(name)}; the file has ${heading.map(quoted).join(', ')}`,
    );
  return places[0];
}

/** Small letters, without signs and without a unit in brackets. */
function plain(text: string): string {
  const [before = ''] = text.split(/[([]/);
  return before.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** `Hashrate (TH/s)`. */
function unitIn(name: string): bigint | undefined {
  const match = /[([]([^)\]]*)[)\]]/.exec(name);
  return match ? hashesIn(match[1] ?? '') : undefined;
}
