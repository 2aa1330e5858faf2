interface Step {
  fromSeq: number;
  difficulty: number;
}

/**
 * The difficulty of each job as one connection knows it. An announcement counts from the next job
 * that is sent (Stratum V1); sending a known job again freezes it anew, as miningcore does.
 */
export class DifficultyHistory {
  private readonly steps: Step[] = [];

  constructor(private announced: number) {}

  /** What was announced last. */
  get current(): number {
    return this.announced;
  }

  announce(difficulty: number): void {
    this.announced = difficulty;
  }

  /** A job goes out now. */
  freeze(seq: number): void {
    const last = this.steps.at(-1);
    if (last?.difficulty === this.announced) return;
    if (last?.fromSeq === seq) last.difficulty = this.announced;
    else this.steps.push({ fromSeq: seq, difficulty: this.announced });
  }

  /** Forgets what only jobs before `oldestSeq` need. */
  forget(oldestSeq: number): void {
    while ((this.steps[1]?.fromSeq ?? Infinity) <= oldestSeq) this.steps.shift();
  }

  /** The difficulty that a share on this job is judged by. */
  at(seq: number): number {
    for (let n = this.steps.length - 1; n >= 0; n -= 1) {
      const step = this.steps[n];
      if (step !== undefined && step.fromSeq <= seq) return step.difficulty;
    }
    return this.announced;
  }
}
