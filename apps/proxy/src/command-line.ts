import { parseArgs } from 'node:util';

/** What the program was asked to do. */
export type Command = 'run' | 'check-config' | 'help' | 'version';

/** The exit code for a mistake in the command line or the configuration: EX_USAGE of sysexits.h. */
export const EXIT_USAGE = 64;

export const HELP = `Usage: node dist/apps/proxy/main.js [option]

A transparent Stratum proxy between miners and a pool. Counts what passes, changes nothing.

Options:
  --check-config  read and check the configuration, print its faults or "configuration ok", and exit
  --help          print this and exit
  --version       print the version and exit

Configuration: a JSON file named by CONFIG_FILE, and environment variables, which win. The least is a pool:
  POOL_HOST=pool.example.com POOL_PORT=3333 node dist/apps/proxy/main.js
`;

/** Reads the arguments after the program's name. Throws an `Error` that says what is wrong with them. */
export function parseCommand(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'check-config': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  if (values.help) return 'help';
  if (values.version) return 'version';
  return values['check-config'] ? 'check-config' : 'run';
}
