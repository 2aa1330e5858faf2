import type { Position } from '../../journal/segments/segment-files';

/** How long records wait for a fold while nobody asks for them. */
export const FOLD_EVERY_MS = 10_000;
/** So much of the journal waits no longer. */
export const FOLD_BYTES = 4 * 2 ** 20;

/**
 * Says when to fold: seldom while nobody waits, so that the row of a worker is written once for many of its shares; at once
 * when somebody asks, or when much has come.
 */
export class FoldPace {
  private begunAt = -Infinity;
  private isAsked = false;

  /** `now`: monotonic milliseconds. */
  constructor(private readonly now: () => number) {}

  /** Somebody waits for what is in the journal. */
  ask(): void {
    this.isAsked = true;
  }

  /** A fold of all that is there begins. */
  begin(): void {
    this.begunAt = this.now();
    this.isAsked = false;
  }

  /** Milliseconds until the fold of what lies between two positions is due. */
  dueIn(folded: Position | undefined, until: Position): number {
    if (this.isAsked || bytesBetween(folded, until) >= FOLD_BYTES) return 0;
    return Math.max(0, this.begunAt + FOLD_EVERY_MS - this.now());
  }
}

/** How much lies between two positions of a journal; infinite where they are not in one segment. */
export function bytesBetween(from: Position | undefined, to: Position): number {
  return from?.segment === to.segment ? to.offset - from.offset : Infinity;
}
