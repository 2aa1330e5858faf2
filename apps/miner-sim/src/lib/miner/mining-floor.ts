import type { FleetTally } from './fleet-tally';
import type { Miner } from './miner';
import type { FleetOptions } from './miner-options';
import { Pacer } from './pacer';

const TICK_MS = 5;
/** Longest time of hashing in a row; sockets are served in between. */
const BUDGET_MS = 8;
const HASHES_AT_ONCE = 256;
/** Shares in a row of one miner when there is no pace. */
const BURST = 16;
/** With a hashrate each miner gets so many turns a second. */
const HASHRATE_TURNS = 10;

/** Deals the processor's time out to the miners of a fleet, one after the other. */
export class MiningFloor {
  private readonly hungry: Miner[] = [];
  private readonly isHungry = new Set<Miner>();
  private pacer: Pacer | undefined;
  private cursor = 0;
  private paused = false;
  private isOpen = false;
  private isComplete = false;

  constructor(
    private readonly miners: readonly Miner[],
    private readonly options: FleetOptions,
    private readonly tally: FleetTally,
    private readonly limitReached: () => void,
  ) {}

  open(): void {
    this.isOpen = true;
    this.tick();
  }

  close(): void {
    this.isOpen = false;
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
  }

  private tick(): void {
    if (!this.isOpen) return;
    const deadline = performance.now() + BUDGET_MS;
    const { pace } = this.options;
    let busy = false;
    if (this.paused || !this.complete()) this.pacer = undefined;
    else if (pace.kind === 'flat-out') busy = this.mineFlatOut(deadline);
    else if (pace.kind === 'shares') busy = this.mineShares(pace.perSecond, deadline);
    else this.mineHashes(pace.perSecondEach, deadline);
    if (busy) setImmediate(() => this.tick());
    else setTimeout(() => this.tick(), TICK_MS);
  }

  /** Whether mining may begin: with `startTogether` once every miner has settled in. */
  private complete(): boolean {
    this.isComplete ||= !this.options.startTogether || this.miners.every((miner) => miner.settledIn);
    return this.isComplete;
  }

  /** Each turn is a share to be found, however many hashes it takes. True when hashing is left to do. */
  private mineShares(perSecond: number, deadline: number): boolean {
    for (let due = this.turnsDue(perSecond); due > 0; due -= 1) {
      const miner = this.nextMiner();
      if (!miner.ready || this.isHungry.has(miner)) this.tally.missedTurns += 1;
      else {
        this.hungry.push(miner);
        this.isHungry.add(miner);
      }
    }
    while (performance.now() < deadline) {
      const miner = this.hungry.shift();
      if (miner === undefined) return false;
      if (this.exhausted()) return false;
      if (miner.ready && !miner.mine(HASHES_AT_ONCE)) this.hungry.push(miner);
      else this.isHungry.delete(miner);
    }
    return this.hungry.length > 0;
  }

  /** Each turn is a slice of a hashrate; shares come as chance has it. */
  private mineHashes(perSecondEach: number, deadline: number): void {
    const slice = Math.max(1, Math.round(perSecondEach / HASHRATE_TURNS));
    for (let due = this.turnsDue(this.miners.length * HASHRATE_TURNS); due > 0; due -= 1) {
      if (this.exhausted() || performance.now() >= deadline) return;
      this.nextMiner().spend(slice);
    }
  }

  /** True while anybody could submit. */
  private mineFlatOut(deadline: number): boolean {
    let anybody = false;
    let unvisited = this.miners.length;
    while (unvisited > 0) {
      unvisited -= 1;
      const miner = this.nextMiner();
      for (let n = 0; n < BURST && miner.ready; n += 1) {
        if (this.exhausted()) return false;
        miner.mine(HASHES_AT_ONCE);
        anybody = true;
      }
      if (performance.now() >= deadline) return true;
    }
    return anybody;
  }

  private exhausted(): boolean {
    const { shares } = this.options;
    if (shares === undefined || this.tally.shares.total.submits < shares) return false;
    this.close();
    this.limitReached();
    return true;
  }

  private turnsDue(perSecond: number): number {
    const now = performance.now();
    this.pacer ??= new Pacer(perSecond, now);
    return this.pacer.due(now);
  }

  private nextMiner(): Miner {
    const miner = this.miners[this.cursor % this.miners.length];
    if (miner === undefined) throw new Error('a fleet has at least one miner');
    this.cursor = (this.cursor + 1) % this.miners.length;
    return miner;
  }
}
