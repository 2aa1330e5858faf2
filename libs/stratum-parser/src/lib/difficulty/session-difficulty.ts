import type { Difficulty, DifficultyUnits } from './difficulty';
import {
  announcedDifficulty,
  plainDifficulty,
  startAtDifficulty1,
  startUnknown,
  UNKNOWN_DIFFICULTY,
} from './difficulty';
import { JobTable } from './job-table';

/**
 * At which difficulty the jobs and the shares of one session are: what its dialect begins with, what the pool has
 * announced since, and what its jobs say themselves.
 */
export class SessionDifficulty {
  private readonly jobs = new JobTable();
  private current: Difficulty;
  private hasAnnounced = false;
  private lastAnnounced: Difficulty | undefined;
  private hasSubmitted = false;
  private jobsShown: 'none' | 'unlisted' | 'listed' = 'none';

  constructor(private readonly units: DifficultyUnits) {
    this.current = startAtDifficulty1(units.hashesPerDifficulty1);
  }

  /** What the next job will have. */
  get next(): Difficulty {
    return this.current;
  }

  /** What `set_difficulty` announced last, whatever was announced otherwise; undefined without one. */
  get announced(): Difficulty | undefined {
    return this.lastAnnounced;
  }

  /** The job announced last. */
  get lastJob(): string | undefined {
    return this.jobs.last;
  }

  /** Whether jobs have come, of a shape that nobody has listed. */
  get hasUnlistedJobs(): boolean {
    return this.jobsShown === 'unlisted';
  }

  /** A share comes, of the job with this key: gives what it is submitted at. */
  submit(key: string | null): Difficulty {
    this.hasSubmitted = true;
    return (key === null ? undefined : this.jobs.find(key)) ?? this.current;
  }

  /** The session turned out to speak a dialect with its own start. */
  begin(start: (hashesPerDifficulty1: number) => Difficulty): void {
    if (!this.hasAnnounced && this.jobsShown !== 'unlisted')
      this.current = start(this.units.hashesPerDifficulty1);
  }

  /** A job, or frames, have shown the dialect: what it begins with holds, unless the pool has said otherwise. */
  showDialect(start: (hashesPerDifficulty1: number) => Difficulty): void {
    this.jobsShown = 'listed';
    this.begin(start);
  }

  /** What `set_target` means with a number instead of a text; the documents disagree. */
  numericTarget(value: number): Difficulty {
    return this.units.numericTarget === 'difficulty' ? plainDifficulty(value) : UNKNOWN_DIFFICULTY;
  }

  /** A job at the difficulty in force. */
  announceJob(key: string | null): void {
    if (this.jobsShown === 'none') this.foundUnlisted();
    if (key !== null) this.jobs.announce(key, this.current);
  }

  /** A job that carries its own difficulty; shares of unknown jobs have that one from now on. */
  announceJobAt(key: string | null, difficulty: Difficulty): void {
    this.takeOver(difficulty);
    if (key !== null) this.jobs.announce(key, this.current);
  }

  /** As a target is announced. What miners ignore changes nothing. */
  announceDifficulty(value: number | null): void {
    const announced = announcedDifficulty(value, this.units.hashesPerDifficulty1);
    if (announced === null) return;
    this.lastAnnounced = announced;
    this.announceTarget(announced);
  }

  /** The same where jobs carry their own difficulty: it is at most a factor of that. */
  noteDifficulty(value: number | null): void {
    this.lastAnnounced = announcedDifficulty(value, 1) ?? this.lastAnnounced;
  }

  /**
   * Holds from the next job on; an unknown one does, too: work at a wrong difficulty is worse than none. The first of
   * a session holds for jobs before it as well, unless a share has come.
   */
  announceTarget(difficulty: Difficulty): void {
    const isFirst = !this.hasAnnounced && !this.hasSubmitted;
    this.takeOver(difficulty);
    if (isFirst) this.jobs.rate(this.current);
  }

  private takeOver(difficulty: Difficulty): void {
    this.hasAnnounced = true;
    // An equal one is the same one: eras of difficulties are told apart by identity.
    if (!isSame(this.current, difficulty)) this.current = difficulty;
  }

  /** A job of a shape that nobody has listed: what listed ones begin with does not hold. */
  private foundUnlisted(): void {
    this.begin(startUnknown);
    this.jobsShown = 'unlisted';
  }
}

function isSame(one: Difficulty, other: Difficulty): boolean {
  return one.difficulty === other.difficulty && one.hashes === other.hashes;
}
