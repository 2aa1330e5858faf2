import { targetOfDifficulty } from '../bitcoin/target';

const MAX_TARGETS = 1024;

/** Targets by difficulty, since thousands of connections share a few. */
export class TargetCache {
  private readonly targets = new Map<number, Buffer>();

  of(difficulty: number): Buffer {
    const known = this.targets.get(difficulty);
    if (known !== undefined) return known;
    if (this.targets.size >= MAX_TARGETS) this.targets.clear();
    const target = targetOfDifficulty(difficulty);
    this.targets.set(difficulty, target);
    return target;
  }
}
