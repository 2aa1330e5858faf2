import { UsageError } from './lib/command-line/arguments';
import { MINE_HELP, mineCommand } from './lib/command-line/mine-command';
import { tell } from './lib/command-line/output';
import { POOL_HELP, poolCommand } from './lib/command-line/pool-command';
import { RUN_HELP, runCommand } from './lib/command-line/run-command';

const EXIT_USAGE = 64;
const COMMANDS = new Map([
  ['pool', { run: poolCommand, help: POOL_HELP }],
  ['mine', { run: mineCommand, help: MINE_HELP }],
  ['run', { run: runCommand, help: RUN_HELP }],
]);

async function main([name = '', ...args]: readonly string[]): Promise<void> {
  const command = COMMANDS.get(name);
  if (command === undefined)
    throw new UsageError(`miner-sim ${[...COMMANDS.keys()].join('|')} [options]; --help`);
  if (args.includes('--help')) process.stdout.write(command.help);
  else await command.run(args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  tell(error instanceof Error ? error.message : String(error));
  // Timers and stdin may still be open: nothing is left that is worth waiting for.
  process.exit(error instanceof UsageError ? EXIT_USAGE : 1);
});
