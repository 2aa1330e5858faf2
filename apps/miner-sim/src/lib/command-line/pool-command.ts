import { ALGORITHM_NAMES, PROOFS_OF_WORK } from '../bitcoin/proof-of-work';
import { WRITE_CHUNKINGS } from '../net/link';
import { Pool } from '../pool/pool';
import {
  POOL_DEFAULTS,
  POOL_DIALECT_CHOICES,
  type PoolFaultOptions,
  type PoolOptions,
} from '../pool/pool-options';
import type { VardiffOptions } from '../pool/vardiff';
import { Arguments, helpText, type OptionSpecs } from './arguments';
import { readCommands, type CommandHandler } from './control';
import { ALGORITHM_SPEC } from './mine-command';
import { print, progressLine, tell } from './output';
import { untilSignal } from './signals';

export const POOL_OPTION_SPECS: OptionSpecs = {
  host: { kind: 'text', help: 'address to listen on (127.0.0.1)' },
  port: { kind: 'port', help: 'port to listen on; 0 takes a free one (0)' },
  seed: { kind: 'number', help: 'seed of everything that is chosen at random (1)' },
  dialect: {
    kind: 'choice',
    choices: POOL_DIALECT_CHOICES,
    help: `${POOL_DIALECT_CHOICES.join(' | ')} (stratum1); any: each connection's first request decides`,
  },
  algorithm: ALGORITHM_SPEC,
  difficulty: {
    kind: 'number',
    help: 'difficulty that connections start at (1e-6); 2^32 hashes each, 2^16 with scrypt',
  },
  fast: { kind: 'flag', help: 'a difficulty at which each hash is a share' },
  'extranonce2-size': { kind: 'number', help: 'bytes of extranonce2 (4)' },
  branches: { kind: 'number', help: 'merkle branches of a job (12)' },
  'job-on-subscribe': { kind: 'flag', help: 'the first job comes with the subscription, not with the login' },
  'job-bytes': { kind: 'number', help: 'about how long a notify is to be, e.g. 37000' },
  'network-bits': { kind: 'text', help: "the network's target as a header has it, in hex (1703a30c)" },
  'job-interval-ms': { kind: 'number', help: 'time between jobs; 0 sends them on command only (30000)' },
  'clean-every': { kind: 'number', help: 'each so many-th job is a new block (10)' },
  'version-mask': { kind: 'text', help: 'bits miners may roll, in hex (1fffe000)' },
  'vardiff-shares-per-minute': { kind: 'number', help: 'lead each connection to this rate' },
  'vardiff-interval-ms': { kind: 'number', help: 'least time between two looks (10000)' },
  'write-chunking': { kind: 'choice', choices: WRITE_CHUNKINGS, help: WRITE_CHUNKINGS.join(' | ') },
  'max-backlog-bytes': { kind: 'number', help: 'a connection that lags further is dropped (8 MiB)' },
  duration: { kind: 'text', help: 'ends after 30s, 500ms, 2m …' },
  shares: { kind: 'number', help: 'ends after so many submits' },
  'settle-ms': { kind: 'number', help: 'how long connections may take to end at the close (2000)' },
  'progress-ms': { kind: 'number', help: 'time between lines of progress; 0 is silent (5000)' },
  'tally-every-ms': { kind: 'number', help: 'prints a tally on stdout now and then' },
  'by-worker': { kind: 'flag', help: 'the summary has the counts of each worker' },
  'by-connection': { kind: 'flag', help: 'the summary has the bytes of each connection' },
  'silent-connect': { kind: 'flag', help: 'fault: accepts and says nothing' },
  'silent-after': { kind: 'number', help: 'fault: nothing more after so many answers (per connection)' },
  'close-after': { kind: 'number', help: 'fault: closes after so many answers (per connection)' },
  'close-how': { kind: 'choice', choices: ['fin', 'rst'], help: 'fin | rst (fin)' },
  'answer-delay-ms': { kind: 'number', help: 'fault: answers to submits come late' },
  'answer-jitter-ms': { kind: 'number', help: 'fault: adds up to so much to the delay: answers overtake' },
  'refuse-authorize-rate': { kind: 'rate', help: 'fault: refuses logins (0..1)' },
  'unanswered-rate': { kind: 'rate', help: 'fault: never answers these submits (0..1)' },
  'garbage-answer-rate': { kind: 'rate', help: 'fault: answers nobody can read (0..1)' },
  'server-requests-colliding-ids': { kind: 'flag', help: "fault: asks the miner with its submit's id" },
};

export const POOL_HELP = helpText('miner-sim pool: a small but true pool', POOL_OPTION_SPECS);

export async function poolCommand(args: readonly string[]): Promise<void> {
  const given = Arguments.parse(args, POOL_OPTION_SPECS);
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const limit = given.number('shares') ?? Infinity;
  const pool = new Pool(poolOptions(given), (submits) => {
    if (submits >= limit) end();
  });
  const { address, port } = await pool.listen();
  print({ event: 'listening', role: 'pool', address, port });
  tell(`pool: listening on ${address}:${port}`);

  const commands = readCommands({ ...poolCommands(pool), stop: () => (end(), {}) });
  const timers = reportEvery(given, pool);
  const duration = given.duration('duration');
  if (duration !== undefined) timers.push(setTimeout(end, duration));
  await Promise.race([ended, untilSignal()]);

  for (const timer of timers) clearTimeout(timer);
  commands.close();
  process.stdin.destroy();
  await pool.close(given.number('settle-ms') ?? 2000);
  print({ event: 'summary', ...pool.summary() });
}

export function poolOptions(given: Arguments): PoolOptions {
  const base = POOL_DEFAULTS;
  const mask = given.text('version-mask');
  const bits = given.text('network-bits');
  const algorithm = given.choice('algorithm', ALGORITHM_NAMES) ?? base.algorithm;
  const { oneHashDifficulty } = PROOFS_OF_WORK[algorithm];
  return {
    host: given.text('host') ?? base.host,
    port: given.number('port') ?? base.port,
    seed: given.number('seed') ?? base.seed,
    dialect: given.choice('dialect', POOL_DIALECT_CHOICES) ?? base.dialect,
    algorithm,
    difficulty: given.number('difficulty') ?? (given.flag('fast') ? oneHashDifficulty : base.difficulty),
    extranonce2Bytes: given.number('extranonce2-size') ?? base.extranonce2Bytes,
    branches: given.number('branches') ?? base.branches,
    jobBytes: given.number('job-bytes') ?? base.jobBytes,
    networkBits: bits === undefined ? base.networkBits : Number.parseInt(bits, 16),
    jobOnSubscribe: given.flag('job-on-subscribe'),
    jobIntervalMs: given.number('job-interval-ms') ?? base.jobIntervalMs,
    cleanEvery: given.number('clean-every') ?? base.cleanEvery,
    versionMask: mask === undefined ? base.versionMask : Number.parseInt(mask, 16),
    vardiff: vardiffOptions(given, oneHashDifficulty),
    chunking: given.choice('write-chunking', WRITE_CHUNKINGS) ?? base.chunking,
    maxBacklogBytes: given.number('max-backlog-bytes') ?? base.maxBacklogBytes,
    byWorker: given.flag('by-worker'),
    byConnection: given.flag('by-connection'),
    faults: faultOptions(given),
  };
}

function faultOptions(given: Arguments): PoolFaultOptions {
  return {
    silentConnect: given.flag('silent-connect'),
    silentAfter: given.number('silent-after'),
    closeAfter: given.number('close-after'),
    closeHow: given.text('close-how') === 'rst' ? 'rst' : 'fin',
    answerDelayMs: given.number('answer-delay-ms') ?? 0,
    answerJitterMs: given.number('answer-jitter-ms') ?? 0,
    refuseAuthorizeRate: given.number('refuse-authorize-rate') ?? 0,
    unansweredRate: given.number('unanswered-rate') ?? 0,
    garbageAnswerRate: given.number('garbage-answer-rate') ?? 0,
    collidingRequests: given.flag('server-requests-colliding-ids'),
  };
}

function vardiffOptions(given: Arguments, minDifficulty: number): VardiffOptions | undefined {
  const sharesPerMinute = given.number('vardiff-shares-per-minute');
  if (sharesPerMinute === undefined) return undefined;
  return {
    sharesPerMinute,
    intervalMs: given.number('vardiff-interval-ms') ?? 10_000,
    minDifficulty,
    maxDifficulty: 2 ** 32,
  };
}

function poolCommands(pool: Pool): Record<string, CommandHandler> {
  return {
    new_job: ({ clean }) => ({ job: pool.newJob(typeof clean === 'boolean' ? clean : undefined) }),
    resend_job: () => (pool.resendJob(), {}),
    set_difficulty: ({ value }) => (pool.setDifficulty(Number(value)), {}),
    send: ({ line }) => (pool.broadcast(String(line)), {}),
    drop_connections: ({ how }) => ({ dropped: pool.dropConnections(how === 'rst' ? 'rst' : 'fin') }),
    silent: ({ on }) => (pool.setSilent(on !== false), {}),
    stop_listening: () => (pool.stopListening(), {}),
    tally: () => ({ ...pool.summary() }),
  };
}

function reportEvery(given: Arguments, pool: Pool): NodeJS.Timeout[] {
  const timers: NodeJS.Timeout[] = [];
  const progressMs = given.number('progress-ms') ?? 5000;
  const tallyMs = given.number('tally-every-ms') ?? 0;
  const progress = () => {
    const summary = pool.summary();
    tell(progressLine('pool', summary.open_connections, summary));
  };
  if (progressMs > 0) timers.push(setInterval(progress, progressMs));
  if (tallyMs > 0) timers.push(setInterval(() => print({ event: 'tally', ...pool.summary() }), tallyMs));
  return timers;
}
