import { targetOfNumber, type ShareTarget } from './share-target';

const MAX_TARGETS = 1024;

/** Targets by what announces them, since thousands of connections share a few. */
export class TargetCache<K extends number | string, T extends ShareTarget> {
  private readonly targets = new Map<K, T>();

  constructor(private readonly derive: (announced: K) => T) {}

  of(announced: K): T {
    const known = this.targets.get(announced);
    if (known !== undefined) return known;
    if (this.targets.size >= MAX_TARGETS) this.targets.clear();
    const target = this.derive(announced);
    this.targets.set(announced, target);
    return target;
  }
}

/** Of the dialects that announce a difficulty as a number. */
export const NUMBER_TARGETS = new TargetCache(targetOfNumber);
