import type { Difficulty } from './difficulty';

/** Jobs that a session remembers, and for how many there is room at first: most sessions are young or idle. */
const KNOWN_JOBS = 256;
const FIRST_ROOM = 16;

/** From which announcement on a difficulty was in force. */
interface Era {
  readonly since: number;
  readonly difficulty: Difficulty;
}

/**
 * The difficulty that was in force when a job was announced, for the last 256 announcements; one that repeats the job
 * before it is none of its own.
 *
 * A job that is announced again gets the difficulty of its last announcement. Of a job only a key
 * of 52 bits is kept, and difficulties by era: they change far less often than jobs do.
 */
export class JobTable {
  private keys: number[] | undefined;
  private eras: readonly Era[] = NO_ERAS;
  private announced = 0;
  private lastJob: string | undefined;

  /** The job announced last. */
  get last(): string | undefined {
    return this.lastJob;
  }

  announce(job: string, difficulty: Difficulty): void {
    // Sent again, as some pools do after each new difficulty, it takes no second place.
    if (job === this.lastJob) this.announced -= 1;
    const keys = this.keysWithRoom();
    keys[this.announced & (keys.length - 1)] = keyOf(job);
    this.lastJob = job;
    if (this.eras[this.eras.length - 1]?.difficulty !== difficulty) this.begin(difficulty);
    this.announced += 1;
  }

  /** The difficulty frozen with the job; undefined for a job that is not known (any more). */
  find(job: string): Difficulty | undefined {
    const { keys } = this;
    if (keys === undefined) return undefined;
    if (job === this.lastJob) return this.eras[this.eras.length - 1]?.difficulty;
    const key = keyOf(job);
    for (let n = this.announced - 1; n >= this.oldest; n -= 1) {
      if (keys[n & (keys.length - 1)] === key) return this.inForceAt(n);
    }
    return undefined;
  }

  /** The jobs so far are all of this difficulty, which the pool told behind them. */
  rate(difficulty: Difficulty): void {
    this.eras = this.eras.slice(0, 1).map(({ since }) => ({ since, difficulty }));
  }

  /** The first announcement that is remembered. */
  private get oldest(): number {
    return Math.max(0, this.announced - KNOWN_JOBS);
  }

  /** A ring, of a power of two; before it is full size it has never gone round, so that each key keeps its place. */
  private keysWithRoom(): number[] {
    const { keys, announced } = this;
    if (keys !== undefined && (announced < keys.length || keys.length === KNOWN_JOBS)) return keys;
    const grown = emptyKeys(keys === undefined ? FIRST_ROOM : 2 * keys.length);
    for (let n = 0; keys !== undefined && n < keys.length; n += 1) grown[n] = keys[n] ?? NO_KEY;
    this.keys = grown;
    return grown;
  }

  private begin(difficulty: Difficulty): void {
    // An era that ended before the oldest job known is over for good, and one of which no job is left as well.
    const { oldest, announced } = this;
    const alive = this.eras.filter(
      ({ since }, i) => since < announced && (this.eras[i + 1]?.since ?? announced) > oldest,
    );
    this.eras = [...alive, { since: announced, difficulty }];
  }

  private inForceAt(announcement: number): Difficulty | undefined {
    let inForce: Difficulty | undefined;
    for (const era of this.eras) if (era.since <= announcement) inForce = era.difficulty;
    return inForce;
  }
}

const NO_ERAS: readonly Era[] = [];

/** No job has it; with a fraction, so that the array holds plain doubles from the start. */
const NO_KEY = -0.5;

/** Exact length at once: an array that grows by pushing keeps spare room in each session. */
function emptyKeys(count: number): number[] {
  return new Array<number>(count).fill(NO_KEY);
}

/**
 * A key of 52 bits. Two jobs of a session that share one would share a difficulty, and a miner
 * gains nothing by making one up: the pool has to accept the share.
 */
function keyOf(job: string): number {
  // A pool announces the same job to all its miners, one after the other.
  if (job === recentJob) return recentKey;
  recentJob = job;
  recentKey = computeKey(job);
  return recentKey;
}

let recentJob = '';
let recentKey = NO_KEY;

function computeKey(job: string): number {
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let i = 0; i < job.length; i += 1) {
    const code = job.charCodeAt(i);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul(low ^ code, 0x85ebca6b) + (low >>> 15);
  }
  return (high >>> 0) * 2 ** 20 + ((low ^ (low >>> 13)) & 0xfffff);
}
