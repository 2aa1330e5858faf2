import {
  FILE_COLUMNS,
  hashesIn,
  parseDecimal,
  PoolDays,
  PoolFileError,
  readOffset,
  readPoolFiles,
  reconcile,
  type FileColumn,
  type GivenColumns,
  type PoolFiles,
  type ReconciliationOptions,
} from '@mining-proxy/billing';
import type { ProxyConfig } from '@mining-proxy/config';
import { EXIT_DIFFERS, type ReconcileCommand } from '../command-line';
import { usageStoreOptions } from '../wiring';
import { ParameterError, wholeNumberOf } from './parameters';
import { printReconciliation, type ReconciliationFormat } from './reconciliation-text';

const FORMATS: readonly string[] = ['table', 'json', 'csv'] satisfies ReconciliationFormat[];
const SPANS: Readonly<Record<string, number>> = { hour: 3_600, day: 86_400 };

/**
 * Holds what a pool says it credited against the ledger of the configuration, prints what differs, and resolves to the
 * exit code: 0 where nothing differs by more than is explained. A proxy may be running. Rejects with a `ParameterError` that
 * has every fault of the files, or with what the ledger says.
 */
export async function runReconcileCommand(
  command: ReconcileCommand,
  config: ProxyConfig,
  print: (text: string) => void,
): Promise<number> {
  const format = formatIn(command.options.format ?? 'table');
  const options = optionsOf(command, config);
  const credits = await readPoolFiles(filesOf(command)).catch((error: unknown) => {
    throw error instanceof PoolFileError ? new ParameterError(error.message) : error;
  });
  const { dataDirectory, databaseUrl } = usageStoreOptions(config);
  const reconciliation = await reconcile({ dataDirectory, databaseUrl }, credits, options);
  printReconciliation(reconciliation, command, format, print);
  return reconciliation.differs ? EXIT_DIFFERS : 0;
}

function filesOf({ files, month, columns, options, decimalComma }: ReconcileCommand): PoolFiles {
  const offset = readOffset(options['utc-offset'] ?? '+00:00');
  if (offset === undefined) throw new ParameterError('utc-offset must be like +08:00');
  const unit = options.unit === undefined ? undefined : hashesIn(options.unit);
  if (options.unit !== undefined && unit === undefined)
    throw new ParameterError('unit must be H/s, kH/s, MH/s, GH/s, TH/s, PH/s, EH/s or ZH/s');
  return {
    files,
    days: new PoolDays(month, offset),
    columns: columnsIn(columns),
    unit,
    spanMs: spanIn(options.span),
    decimalComma,
  };
}

function optionsOf({ options }: ReconcileCommand, { identity }: ProxyConfig): ReconciliationOptions {
  return {
    separators: identity.separators,
    clientId: options['client-id'],
    pool: options.pool,
    account: options.account,
    edgeHours: wholeNumberOf('edge-hours', options['edge-hours'], { absent: 1, min: 0, max: 6 }),
    tolerancePpm: toleranceIn(options.tolerance ?? '0'),
  };
}

/** Names of columns may have commas in them: the next one begins where a column is named. */
function columnsIn(given: readonly string[]): GivenColumns {
  const columns: Partial<Record<FileColumn, string>> = {};
  const next = new RegExp(`,(?=(?:${FILE_COLUMNS.join('|')})=)`);
  for (const part of given.flatMap((text) => text.split(next))) {
    const [name = '', ...rest] = part.split('=');
    const column = FILE_COLUMNS.find((known) => known === name.trim());
    if (column === undefined || rest.join('=') === '') {
      throw new ParameterError(
        `columns must be like worker=Worker,day=Date; known are ${FILE_COLUMNS.join(', ')}`,
      );
    }
    columns[column] = rest.join('=');
  }
  return columns;
}

function spanIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Object.hasOwn(SPANS, text)
    ? SPANS[text]
    : /^[1-9]\d{0,6}$/.test(text)
      ? Number(text)
      : undefined;
  if (seconds === undefined) throw new ParameterError('span must be hour, day or a number of seconds');
  return seconds * 1000;
}

/** Percent as millionths. */
function toleranceIn(text: string): bigint {
  const decimal = parseDecimal(text);
  if (
    !decimal ||
    decimal.units < 0n ||
    decimal.scale > 4 ||
    decimal.units > 100n * 10n ** BigInt(decimal.scale)
  )
    throw new ParameterError('tolerance must be a percentage from 0 to 100, with at most four places');
  return decimal.units * 10n ** BigInt(4 - decimal.scale);
}

function formatIn(text: string): ReconciliationFormat {
  if (FORMATS.includes(text)) return text as ReconciliationFormat;
  throw new ParameterError('format must be table, json or csv');
}
