import { ALGORITHM_NAMES } from '../bitcoin/proof-of-work';
import { Fleet } from '../miner/fleet';
import {
  FLEET_DEFAULTS,
  MINER_DIALECT_CHOICES,
  SHARE_FAULTS,
  SUBMIT_ID_KINDS,
  type ConnectionFaultOptions,
  type FleetOptions,
  type Pace,
  type ShareFault,
} from '../miner/miner-options';
import { WRITE_CHUNKINGS } from '../net/link';
import { Arguments, helpText, UsageError, type OptionSpec, type OptionSpecs } from './arguments';
import { readCommands } from './control';
import { print, progressLine, tell } from './output';
import { untilSignal } from './signals';
import { TLS_OPTION_SPECS, tlsOf } from './tls-options';

const FAULT_HELP: Readonly<Record<ShareFault, string>> = {
  stale: 'shares for a job of the block before',
  duplicate: 'the last share again',
  low_difficulty: 'shares that miss the target',
  bad_nonce: 'nonces that are not hex',
  unauthorized: 'shares of a worker that never logged in',
};

const faultSpecs: Record<string, OptionSpec> = {};
for (const fault of SHARE_FAULTS) {
  faultSpecs[`${optionName(fault)}-rate`] = { kind: 'rate', help: `fault: ${FAULT_HELP[fault]} (0..1)` };
  faultSpecs[`${optionName(fault)}-count`] = {
    kind: 'number',
    help: 'fault: so many of them, before all else',
  };
}

export const MINER_DIALECT_SPEC: OptionSpec = {
  kind: 'choice',
  choices: MINER_DIALECT_CHOICES,
  help: `${MINER_DIALECT_CHOICES.join(' | ')} (stratum1); mixed: in turn`,
};

export const ALGORITHM_SPEC: OptionSpec = {
  kind: 'choice',
  choices: ALGORITHM_NAMES,
  help: `${ALGORITHM_NAMES.join(' | ')} (sha256d); of stratum1, and the same on both sides`,
};

/** What `mine` and `run` have in common. */
export const FLEET_OPTION_SPECS: OptionSpecs = {
  host: { kind: 'text', help: 'where to connect (127.0.0.1)' },
  port: { kind: 'port', help: 'where to connect (required)' },
  seed: { kind: 'number', help: 'seed of everything that is chosen at random (1)' },
  dialect: MINER_DIALECT_SPEC,
  algorithm: ALGORITHM_SPEC,
  accounts: { kind: 'number', help: 'accounts (1); worker names are <account>.<rig>' },
  'account-prefix': { kind: 'text', help: 'accounts are named <prefix><n> (acct)' },
  'rigs-per-account': { kind: 'number', help: 'rigs, that is connections, of each account (1)' },
  'workers-per-connection': { kind: 'number', help: 'workers that log in on each connection (1)' },
  'connect-rate': { kind: 'number', help: 'connections opened per second (all at once)' },
  'local-addresses': { kind: 'text', help: 'source addresses in turn, e.g. 127.0.0.2,127.0.0.3' },
  'shares-per-minute': { kind: 'number', help: 'shares of each miner per minute (60)' },
  'submits-per-second': { kind: 'number', help: 'instead: submits of all miners per second' },
  hashrate: { kind: 'number', help: 'instead: hashes of each miner per second' },
  fast: { kind: 'flag', help: 'instead: as fast as the window allows' },
  'start-together': { kind: 'flag', help: 'no share before every miner has logged in and has a job' },
  window: { kind: 'number', help: 'open submits that a connection may have (64)' },
  'submit-id': {
    kind: 'choice',
    choices: SUBMIT_ID_KINDS,
    help: `${SUBMIT_ID_KINDS.join(' | ')} (constant: each is 4)`,
  },
  'version-rolling': { kind: 'flag', help: 'asks for BIP 310 and rolls version bits' },
  'suggest-difficulty': { kind: 'number', help: 'sends mining.suggest_difficulty' },
  'write-chunking': { kind: 'choice', choices: WRITE_CHUNKINGS, help: WRITE_CHUNKINGS.join(' | ') },
  'reconnect-delay-ms': {
    kind: 'number',
    help: 'pause before reconnecting (1000); given, miners also wait for a port where nobody listens yet',
  },
  'no-reconnect': { kind: 'flag', help: 'a closed connection stays closed; ends when all are' },
  shares: { kind: 'number', help: 'ends after so many submits of all miners' },
  duration: { kind: 'text', help: 'ends after 30s, 500ms, 2m …' },
  'settle-ms': { kind: 'number', help: 'how long open submits are waited for at the end (2000)' },
  'progress-ms': { kind: 'number', help: 'time between lines of progress; 0 is silent (5000)' },
  'by-worker': { kind: 'flag', help: 'the summary has the counts of each worker' },
  ...faultSpecs,
  'misbehaving-miners': { kind: 'number', help: 'the faults below are of the first so many miners (all)' },
  mute: { kind: 'flag', help: 'fault: connects and says nothing' },
  'half-close-after': { kind: 'number', help: 'fault: FIN after so many submits, answers still read' },
  'reset-after': { kind: 'number', help: 'fault: reset after so many submits' },
  'slow-read-bytes-per-second': { kind: 'number', help: 'fault: reads no faster' },
  'reconnect-every-ms': { kind: 'number', help: 'fault: a reconnect storm of all miners now and then' },
  'reconnect-how': { kind: 'choice', choices: ['fin', 'rst'], help: 'fin | rst (fin)' },
};

export const MINE_OPTION_SPECS: OptionSpecs = { ...FLEET_OPTION_SPECS, ...TLS_OPTION_SPECS };

export const MINE_HELP = helpText('miner-sim mine: miners that really hash', MINE_OPTION_SPECS);

export async function mineCommand(args: readonly string[]): Promise<void> {
  const given = Arguments.parse(args, MINE_OPTION_SPECS);
  const port = given.number('port');
  if (port === undefined) throw new UsageError('--port is required');
  const fleet = new Fleet(fleetOptions(given, port));
  const commands = readCommands({
    tally: () => ({ ...fleet.summary() }),
    pause: ({ on }) => (fleet.setPaused(on !== false), {}),
    stop: () => (fleet.stop(), {}),
  });
  const progressMs = given.number('progress-ms') ?? 5000;
  const progress = progressMs > 0 ? setInterval(() => tellProgress(fleet), progressMs) : undefined;
  void untilSignal().then(() => fleet.stop());
  const summary = await fleet.run();
  clearInterval(progress);
  commands.close();
  process.stdin.destroy();
  print({ event: 'summary', ...summary });
  if (!fleet.nobodyAnswers) return;
  const { host, port: at } = fleet.target;
  throw new Error(`miner-sim: no miner could connect to ${host}:${at}: does a proxy or a pool listen there?`);
}

export function tellProgress(fleet: Fleet): void {
  const summary = fleet.summary();
  tell(progressLine('mine', summary.connections, summary));
}

export function fleetOptions(given: Arguments, port: number): FleetOptions {
  const base = FLEET_DEFAULTS;
  const accounts = given.number('accounts') ?? base.accounts;
  const rigsPerAccount = given.number('rigs-per-account') ?? base.rigsPerAccount;
  if (accounts * rigsPerAccount < 1) throw new UsageError('at least one miner is needed');
  return {
    host: given.text('host') ?? base.host,
    port,
    tls: tlsOf(given),
    seed: given.number('seed') ?? base.seed,
    dialect: given.choice('dialect', MINER_DIALECT_CHOICES) ?? base.dialect,
    algorithm: given.choice('algorithm', ALGORITHM_NAMES) ?? base.algorithm,
    accounts,
    accountPrefix: given.text('account-prefix') ?? base.accountPrefix,
    rigsPerAccount,
    workersPerConnection: given.number('workers-per-connection') ?? base.workersPerConnection,
    connectRate: given.number('connect-rate'),
    localAddresses: given.text('local-addresses')?.split(',') ?? [],
    pace: paceOf(given, accounts * rigsPerAccount),
    startTogether: given.flag('start-together'),
    window: given.number('window') ?? base.window,
    submitIds: given.choice('submit-id', SUBMIT_ID_KINDS) ?? base.submitIds,
    versionRolling: given.flag('version-rolling'),
    suggestDifficulty: given.number('suggest-difficulty'),
    chunking: given.choice('write-chunking', WRITE_CHUNKINGS) ?? base.chunking,
    waitsForPort: given.number('reconnect-delay-ms') !== undefined,
    reconnectDelayMs: given.flag('no-reconnect')
      ? undefined
      : (given.number('reconnect-delay-ms') ?? base.reconnectDelayMs),
    shares: given.number('shares'),
    durationMs: given.duration('duration'),
    settleMs: given.number('settle-ms') ?? base.settleMs,
    byWorker: given.flag('by-worker'),
    shareFaults: { rates: faultNumbers(given, 'rate'), counts: faultNumbers(given, 'count') },
    connectionFaults: connectionFaults(given),
  };
}

function paceOf(given: Arguments, miners: number): Pace {
  const submitsPerSecond = given.number('submits-per-second');
  if (submitsPerSecond !== undefined) return { kind: 'shares', perSecond: submitsPerSecond };
  const hashrate = given.number('hashrate');
  if (hashrate !== undefined) return { kind: 'hashes', perSecondEach: hashrate };
  const perMinute = given.number('shares-per-minute');
  if (perMinute === undefined && given.flag('fast')) return { kind: 'flat-out' };
  return { kind: 'shares', perSecond: (miners * (perMinute ?? 60)) / 60 };
}

function connectionFaults(given: Arguments): ConnectionFaultOptions {
  return {
    miners: given.number('misbehaving-miners'),
    mute: given.flag('mute'),
    halfCloseAfter: given.number('half-close-after'),
    resetAfter: given.number('reset-after'),
    slowReadBytesPerSecond: given.number('slow-read-bytes-per-second'),
    reconnectEveryMs: given.number('reconnect-every-ms'),
    reconnectHow: given.text('reconnect-how') === 'rst' ? 'rst' : 'fin',
  };
}

function faultNumbers(given: Arguments, what: 'rate' | 'count'): Partial<Record<ShareFault, number>> {
  const numbers: Partial<Record<ShareFault, number>> = {};
  for (const fault of SHARE_FAULTS) {
    const value = given.number(`${optionName(fault)}-${what}`);
    if (value !== undefined) numbers[fault] = value;
  }
  return numbers;
}

function optionName(fault: ShareFault): string {
  return fault.replaceAll('_', '-');
}
