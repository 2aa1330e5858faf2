import 'reflect-metadata';
import { ConfigError, loadConfig } from '@mining-proxy/config';
import { runLedgerCommand } from './billing/ledger-command';
import { ParameterError } from './billing/parameters';
import { EXIT_USAGE, HELP, parseCommand, type Command, type RemoteCommand } from './command-line';
import { runReconcileCommand } from './billing/reconcile-command';
import { verifyStatement } from './billing/verify-statement';
import { runRemoteCommand } from './remote/remote-command';
import { runProxy } from './run-proxy';
import { VERSION } from './version';

const EXIT_FAILURE = 1;

/** The whole program: what was asked, the configuration, then the proxy until a signal ends it. */
async function main(): Promise<void> {
  const command = orExit(() => parseCommand(process.argv.slice(2)), 'Try --help.');
  if (command.name === 'help') {
    print(HELP);
    return;
  }
  if (command.name === 'version') {
    print(`${VERSION}\n`);
    return;
  }
  if (command.name === 'verify-statement') {
    process.exitCode = orComplain(() => verifyStatement(command, print));
    return;
  }
  const load = () => loadConfig(process.env);
  const config = orExit(load);
  if (command.name === 'check-config') print('configuration ok\n');
  else if (command.name === 'run') await runProxy({ config, load, env: process.env });
  else if (isRemote(command))
    process.exitCode = await runRemoteCommand(command, config, print).catch(complain);
  else if (command.name === 'reconcile')
    process.exitCode = await runReconcileCommand(command, config, print).catch(complain);
  else process.exitCode = await runLedgerCommand(command, config, print).catch(complain);
}

/** The value, or the end of the program with what was wrong on standard error. */
function orExit<T>(read: () => T, hint = ''): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n${hint}${hint && '\n'}`);
    process.exit(EXIT_USAGE);
  }
}

function isRemote(command: Command): command is RemoteCommand {
  return ['sessions', 'workers', 'refused', 'pools', 'reload'].includes(command.name);
}

function orComplain(run: () => number): number {
  try {
    return run();
  } catch (error) {
    return complain(error);
  }
}

function complain(error: unknown): number {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return isQuestionsFault(error) ? EXIT_USAGE : EXIT_FAILURE;
}

/** It is the question that cannot be answered, not the ledger that does not answer. */
function isQuestionsFault(error: unknown): boolean {
  return error instanceof ParameterError || (error as { code?: unknown }).code === 'BAD_QUERY';
}

function print(text: string): void {
  process.stdout.write(text);
}

void main();
