import type { Difficulty } from './difficulty';

/** Jobs that a session remembers. More would cost each idle session memory. */
const KNOWN_JOBS = 32;

/** From which announcement on a difficulty was in force. */
interface Era {
  readonly since: number;
  readonly difficulty: Difficulty;
}

/**
 * The difficulty that was in force when a job was announced, for the last 32 announcements.
 *
 * A job that is announced again gets the difficulty of its last announcement. Difficulties change
 * far less often than jobs do, so they are kept by era and not by job.
 */
export class JobTable {
  private ids: string[] | undefined;
  private eras: readonly Era[] = NO_ERAS;
  private announced = 0;

  /** The job announced last. */
  get last(): string | undefined {
    return this.ids?.[(this.announced - 1) % KNOWN_JOBS];
  }

  announce(job: string, difficulty: Difficulty): void {
    // Exact length at once: an array that grows by pushing keeps spare room in each session.
    this.ids ??= new Array<string>(KNOWN_JOBS);
    this.ids[this.announced % KNOWN_JOBS] = job;
    if (this.eras[this.eras.length - 1]?.difficulty !== difficulty) this.begin(difficulty);
    this.announced += 1;
  }

  /** The difficulty frozen with the job; undefined for a job that is not known (any more). */
  find(job: string): Difficulty | undefined {
    if (this.ids === undefined) return undefined;
    const oldest = Math.max(0, this.announced - KNOWN_JOBS);
    for (let n = this.announced - 1; n >= oldest; n -= 1) {
      if (this.ids[n % KNOWN_JOBS] === job) return this.inForceAt(n);
    }
    return undefined;
  }

  private begin(difficulty: Difficulty): void {
    const oldest = this.announced - KNOWN_JOBS;
    // An era that ended before the oldest job known is over for good.
    const known = this.eras.filter((_, i) => (this.eras[i + 1]?.since ?? this.announced) > oldest);
    this.eras = [...known, { since: this.announced, difficulty }];
  }

  private inForceAt(announcement: number): Difficulty | undefined {
    let inForce: Difficulty | undefined;
    for (const era of this.eras) if (era.since <= announcement) inForce = era.difficulty;
    return inForce;
  }
}

const NO_ERAS: readonly Era[] = [];
