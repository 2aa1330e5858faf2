import { createHash } from 'node:crypto';
import type { Pool } from './pool';

/**
 * What happens when a better pool is up again: `never`: miners stay with the priority that they are at until it is down;
 * `on_reconnect`: those that connect go to the better one; `drain`: the sessions of worse ones are closed in order, too.
 */
export type Failback = 'never' | 'on_reconnect' | 'drain';

/** Finds the pools of a listener for a miner, the one that serves it first. */
export class PoolChoice {
  /** The priority that miners are sent to; kept only where they are not to come back by themselves. */
  private held: number | undefined;
  private emptySince: number | undefined;

  constructor(
    public pools: readonly Pool[],
    private failback: Failback,
  ) {}

  /** Other pools, or another failback, from now on. */
  reconfigure(pools: readonly Pool[], failback: Failback): void {
    this.pools = pools;
    this.failback = failback;
  }

  /**
   * All pools that may be dialled, in the order to try them: by priority, and inside of one by weighted rendezvous hash
   * of the source address. A miner comes back to its pool, and the loss of one pool moves nobody else's miners.
   */
  candidates(source: string): Pool[] {
    const usable = this.pools.filter((pool) => pool.usable);
    if (usable.length <= 1) {
      this.held = usable[0]?.priority ?? this.held;
      return usable;
    }
    const held = this.heldPriority(usable);
    const place = ({ priority }: Pool) => (priority === held ? -Infinity : priority);
    return usable
      .map((pool) => ({ pool, place: place(pool), score: score(pool, source) }))
      .sort((a, b) => compare(a.place, b.place) || compare(b.score, a.score))
      .map(({ pool }) => pool);
  }

  /** Whether some pool may be dialled. */
  get open(): boolean {
    return this.pools.some((pool) => pool.usable);
  }

  /** For how long nothing could be dialled, in milliseconds; asked when that is so. */
  emptyFor(now: number): number {
    this.emptySince ??= now;
    return now - this.emptySince;
  }

  /** Something can be dialled again. */
  filled(): void {
    this.emptySince = undefined;
  }

  /** The pools that are worse than the best one which is up: with `drain` their miners are sent back. */
  worseThanBest(): readonly Pool[] {
    if (this.failback !== 'drain') return [];
    const best = Math.min(...this.pools.filter((pool) => pool.usable).map(({ priority }) => priority));
    return this.pools.filter(({ priority }) => priority > best);
  }

  private heldPriority(usable: readonly Pool[]): number | undefined {
    if (this.failback !== 'never') return undefined;
    if (!usable.some(({ priority }) => priority === this.held)) {
      this.held = Math.min(...usable.map(({ priority }) => priority));
    }
    return this.held;
  }
}

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar's highest random weight, with the logarithm that makes the parts
 * proportional to the weights): each pool draws a number for the source, and the largest one wins.
 */
function score({ name, weight }: Pool, source: string): number {
  const drawn = createHash('sha256').update(`${name}\0${source}`).digest().readUIntBE(0, 6);
  return -weight / Math.log((drawn + 1) / (2 ** 48 + 1));
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
