import { parseArgs, type ParseArgsConfig } from 'node:util';
import { GROUPINGS } from '@mining-proxy/billing';
import type { Parameters } from './billing/parameters';

/** What the program was asked to do. */
export type Command =
  | { readonly name: 'run' }
  | { readonly name: 'check-config' }
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'usage'; readonly parameters: Parameters }
  | {
      readonly name: 'statement';
      readonly clientId: string;
      readonly month: string;
      readonly format: string | undefined;
    }
  | { readonly name: 'close'; readonly month: string; readonly without: readonly string[] }
  | { readonly name: 'verify'; readonly month: string }
  | { readonly name: 'backup'; readonly file: string }
  | { readonly name: 'verify-statement'; readonly file: string; readonly publicKeyFile: string }
  | ReconcileCommand
  | RemoteCommand;

/** Holds files of a pool against the ledger; options are as they were given. */
export interface ReconcileCommand {
  readonly name: 'reconcile';
  readonly files: readonly string[];
  readonly month: string;
  readonly columns: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly decimalComma: boolean;
}

/** The commands that ask the proxy that runs with the configuration. */
export type RemoteCommand =
  | { readonly name: 'sessions'; readonly clientId: string | undefined; readonly format: RemoteFormat }
  | {
      readonly name: 'workers';
      readonly clientId: string | undefined;
      readonly state: string | undefined;
      readonly format: RemoteFormat;
    }
  | { readonly name: 'refused' | 'pools' | 'reload'; readonly format: RemoteFormat };

export type RemoteFormat = 'table' | 'json';

/** The commands that ask the ledger and end. */
export type LedgerCommand = Extract<Command, { name: 'usage' | 'statement' | 'close' | 'verify' | 'backup' }>;

/** The exit code for a mistake in the command line or the configuration: EX_USAGE of sysexits.h. */
export const EXIT_USAGE = 64;

/** The exit code of a reconciliation that found a difference which nothing explains. */
export const EXIT_DIFFERS = 3;

/** The exit code of a proxy that ended in order but could not write all usage that it had: EX_IOERR of sysexits.h. */
export const EXIT_USAGE_LOST = 74;

/** What `--help` prints, its last line break included. */
export const HELP = `Usage: node dist/apps/proxy/main.js [option]
       node dist/apps/proxy/main.js <command> …

A transparent Stratum proxy between miners and a pool. Counts what passes, changes nothing.

Options:
  --check-config  read and check the configuration, print its faults or "configuration ok", and exit
  --help          print this and exit
  --version       print the version and exit

Commands, which ask the ledger of the configuration and end; a proxy may be running on it:
  usage [--from T] [--to T] [--client-id ID] [--group-by ${GROUPINGS.join(',')}] [--format json|csv]
                  usage between two hours, UTC (2026-11-01 or 2026-11-01T05:00:00Z)
  statement <client_id> <YYYY-MM> [--format json|csv]
                  a client's month, with amounts where billing.rates are set
  close <YYYY-MM> [--without JOURNAL_ID]…
                  freezes a month for good
  verify <YYYY-MM>
                  recomputes a month from the journal's kept segments and compares; exit code 1 if it differs,
                  or if a closed month no longer has its SHA-256
  reconcile <file>… --month YYYY-MM
                  holds what a pool says it credited against the ledger: its export as CSV, or histories of workers as
                  JSON; exit code 3 if they differ by more than edges of days, stale shares and the like explain
    --columns NAME=HEADING[,…]  which column is what: worker, account, day, and one of difficulty, hashes, shares, hashrate
    --unit TH/s   of the hashrate; --span hour|day|SECONDS: how long each row's hashrate held
    --utc-offset +08:00         where the pool's days are not UTC's; --decimal-comma: 1,5 is one and a half
    --client-id ID, --pool HOST[:PORT], --account NAME   only these
    --edge-hours 1, --tolerance 0 (percent)              what else is let pass
    --format table|json|csv
  backup <file>   copies the ledger, as it is at one moment, to a new file

A command that needs no configuration, for whoever got a statement:
  verify-statement <file> --public-key FILE
                  whether a statement, as JSON, is as it was signed; exit code 1 if not. The key is at /billing/public-key

Commands, which ask the proxy that runs with the configuration, over its HTTP side, with its admin_token:
  sessions [--client-id ID]
                  open sessions
  workers [--client-id ID] [--state mining|silent|gone]
                  workers that were seen lately, those first that somebody has to look at
  refused         who was turned away lately, and why
  pools           the pools and their state
  reload          reads the configuration again: taken over as a whole, or refused with every fault
  --format table|json
                  of these five; a table for people if absent

Exit codes: 0 done; 1 failed, and the reason is said; 3 what was reconciled differs; 64 a mistake in the arguments,
the configuration or a file; 74 the proxy ended, and usage that it could not write to data_dir is lost.

Configuration: a JSON file named by CONFIG_FILE, and environment variables, which win. The least is a pool:
  POOL_HOST=pool.example.com POOL_PORT=3333 node dist/apps/proxy/main.js
`;

const TEXT = { type: 'string' } as const;

/** Reads the arguments after the program's name. Throws a `TypeError` that says what is wrong with them. */
export function parseCommand(args: readonly string[]): Command {
  const [first = '', ...rest] = args;
  if (first === 'help' || asksForHelp(args)) return { name: 'help' };
  switch (first) {
    case 'usage':
      return usageCommand(rest);
    case 'statement':
      return statementCommand(rest);
    case 'close':
      return closeCommand(rest);
    case 'verify':
      return { name: 'verify', month: positional(rest, {}, ['YYYY-MM'])[0] ?? '' };
    case 'backup':
      return { name: 'backup', file: positional(rest, {}, ['<file>'])[0] ?? '' };
    case 'verify-statement':
      return verifyStatementCommand(rest);
    case 'reconcile':
      return reconcileCommand(rest);
    case 'sessions':
      return sessionsCommand(rest);
    case 'workers':
      return workersCommand(rest);
    case 'refused':
    case 'pools':
    case 'reload':
      return {
        name: first,
        format: remoteFormat(parseArgs({ args: rest, options: { format: TEXT } }).values),
      };
    default:
      return runCommand(args);
  }
}

function sessionsCommand(args: string[]): Command {
  const { values } = parseArgs({ args, options: { 'client-id': TEXT, format: TEXT } });
  return { name: 'sessions', clientId: values['client-id'], format: remoteFormat(values) };
}

function workersCommand(args: string[]): Command {
  const { values } = parseArgs({ args, options: { 'client-id': TEXT, state: TEXT, format: TEXT } });
  const { 'client-id': clientId, state } = values;
  return { name: 'workers', clientId, state, format: remoteFormat(values) };
}

function remoteFormat({ format = 'table' }: { format?: string | undefined }): RemoteFormat {
  if (format === 'table' || format === 'json') return format;
  throw new TypeError(`expected --format table or json, got ${format}`);
}

/** Wherever it stands: whoever asks for help should not need to know how. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).some((arg) => arg === '--help' || arg === '-h');
}

function runCommand(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'check-config': { type: 'boolean' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  if (values.version) return { name: 'version' };
  return values['check-config'] ? { name: 'check-config' } : { name: 'run' };
}

function usageCommand(args: readonly string[]): Command {
  const options = { from: TEXT, to: TEXT, 'client-id': TEXT, 'group-by': TEXT, format: TEXT };
  const { values } = parseArgs({ args: [...args], options });
  const { from, to, 'client-id': client_id, 'group-by': group_by, format } = values;
  const given = Object.entries({ from, to, client_id, group_by, format }).filter(
    ([, value]) => value !== undefined,
  );
  return { name: 'usage', parameters: Object.fromEntries(given) };
}

function statementCommand(args: readonly string[]): Command {
  const options = { format: TEXT };
  const [clientId = '', month = ''] = positional(args, options, ['<client_id>', '<YYYY-MM>']);
  const { values } = parseArgs({ args: [...args], options, allowPositionals: true });
  return { name: 'statement', clientId, month, format: values.format };
}

function closeCommand(args: readonly string[]): Command {
  const options = { without: { type: 'string', multiple: true } } as const;
  const [month = ''] = positional(args, options, ['<YYYY-MM>']);
  const { values } = parseArgs({ args: [...args], options, allowPositionals: true });
  return { name: 'close', month, without: values.without ?? [] };
}

function verifyStatementCommand(args: readonly string[]): Command {
  const options = { 'public-key': TEXT };
  const [file = ''] = positional(args, options, ['<file>']);
  const { values } = parseArgs({ args: [...args], options, allowPositionals: true });
  const publicKeyFile = values['public-key'];
  if (publicKeyFile === undefined)
    throw new TypeError('expected --public-key FILE, as /billing/public-key has it');
  return { name: 'verify-statement', file, publicKeyFile };
}

function reconcileCommand(args: readonly string[]): Command {
  const options = {
    month: TEXT,
    columns: { type: 'string', multiple: true },
    unit: TEXT,
    span: TEXT,
    'utc-offset': TEXT,
    'decimal-comma': { type: 'boolean' },
    'client-id': TEXT,
    pool: TEXT,
    account: TEXT,
    'edge-hours': TEXT,
    tolerance: TEXT,
    format: TEXT,
  } as const;
  const { values, positionals } = parseArgs({ args: withValues(args), options, allowPositionals: true });
  const { month, columns = [], 'decimal-comma': decimalComma = false, ...texts } = values;
  if (positionals.length === 0) throw new TypeError('expected <file>…, what the pool says');
  if (month === undefined) throw new TypeError('expected --month YYYY-MM');
  return { name: 'reconcile', files: positionals, month, columns, options: { ...texts }, decimalComma };
}

/** An offset west of Greenwich begins like an option. */
function withValues(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    if (joined.at(-1) === '--utc-offset') joined[joined.length - 1] = `--utc-offset=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function positional(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  names: readonly string[],
): string[] {
  const { positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (positionals.length === names.length) return positionals;
  throw new TypeError(
    `expected ${names.join(' ')}, got ${positionals.length === 0 ? 'nothing' : positionals.join(' ')}`,
  );
}
