import 'reflect-metadata';
import { ConfigError, loadConfig, type ProxyConfig } from '@mining-proxy/config';
import { EXIT_USAGE, HELP, parseCommand, type Command } from './command-line';
import { runProxy } from './run-proxy';
import { VERSION } from './version';

/** The whole program: what was asked, the configuration, then the proxy until a signal ends it. */
async function main(): Promise<void> {
  const command = orExit(() => parseCommand(process.argv.slice(2)), 'Try --help.');
  if (command === 'help') {
    print(HELP);
    return;
  }
  if (command === 'version') {
    print(`${VERSION}\n`);
    return;
  }
  const config = orExit(() => loadConfig(process.env));
  if (command === 'check-config') print('configuration ok\n');
  else await runProxy(config);
}

/** The value, or the end of the program with what was wrong on standard error. */
function orExit<T extends Command | ProxyConfig>(read: () => T, hint = ''): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n${hint}${hint && '\n'}`);
    process.exit(EXIT_USAGE);
  }
}

function print(text: string): void {
  process.stdout.write(text);
}

void main();
