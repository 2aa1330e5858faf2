import { seededRandom } from '../random';
import type { PoolPort, SettledSubmit } from '../dialects/pool-dialect';
import { DifficultyHistory } from '../pool/difficulty-history';
import type { Job } from '../pool/job';
import { JobBoard } from '../pool/job-board';
import { JobFactory } from '../pool/job-factory';
import type { PoolContext } from '../pool/pool-context';
import { POOL_DEFAULTS } from '../pool/pool-options';
import { PoolTally } from '../pool/pool-tally';

const NOW_MS = 1_700_000_000_000;

/** A connection without a socket: keeps what is said and what is settled. */
export class FakePort implements PoolPort {
  readonly context: PoolContext;
  readonly workers = new Set<string>();
  readonly difficulties: DifficultyHistory;
  readonly said: unknown[] = [];
  hasJob = false;
  readonly settled: SettledSubmit[] = [];
  /** Sends a job as the dialect under test words it. */
  jobLine: (job: Job) => string | Buffer = () => '';

  constructor(
    difficulty: number,
    readonly connectionId = 7,
  ) {
    const random = seededRandom(1);
    const nowMs = () => NOW_MS;
    const factory = new JobFactory({
      extranonce2Bytes: 4,
      branches: 1,
      jobBytes: 0,
      networkBits: 0x1703a30c,
      random,
      nowMs,
    });
    this.difficulties = new DifficultyHistory(difficulty);
    this.context = {
      options: POOL_DEFAULTS,
      board: new JobBoard(factory, 1000),
      tally: new PoolTally(),
      random,
      nowMs,
      isSilent: () => false,
      submitted: () => undefined,
      closed: () => undefined,
    };
  }

  say(line: string | Buffer): boolean {
    this.said.push(JSON.parse(line.toString()));
    return true;
  }

  /** What was said since the last call. */
  heard(): unknown[] {
    return this.said.splice(0);
  }

  admit(worker: unknown): worker is string {
    if (typeof worker !== 'string') return false;
    this.workers.add(worker);
    return true;
  }

  welcome(line: string, job?: Job): void {
    if (job === undefined) this.say(line);
    else this.announce(job, line);
  }

  turnAway(line: string): void {
    this.say(line);
  }

  announce(job: Job, line: string | Buffer): boolean {
    this.difficulties.freeze(job.seq);
    this.hasJob = true;
    return this.say(line);
  }

  sendJob(job: Job): void {
    this.announce(job, this.jobLine(job));
  }

  setDifficulty(difficulty: number): void {
    this.difficulties.announce(difficulty);
  }

  settle(submit: SettledSubmit): void {
    this.settled.push(submit);
  }
}
