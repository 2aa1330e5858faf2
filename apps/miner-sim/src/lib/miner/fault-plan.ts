import type { Random } from '../random';
import { SHARE_FAULTS, type ShareFault, type ShareFaultOptions } from './miner-options';

/** Decides which submits are wrong, and counts those that really were. */
export class FaultPlan {
  private readonly left: Map<ShareFault, number>;
  private readonly made = new Map<ShareFault, number>();

  constructor(
    private readonly options: ShareFaultOptions,
    private readonly random: Random,
  ) {
    this.left = new Map(SHARE_FAULTS.map((fault) => [fault, options.counts[fault] ?? 0]));
  }

  /** The fault for the next submit. Counts come before rates. */
  choose(): ShareFault | undefined {
    for (const [fault, left] of this.left) if (left > 0) return fault;
    let draw = this.random();
    for (const fault of SHARE_FAULTS) {
      draw -= this.options.rates[fault] ?? 0;
      if (draw < 0) return fault;
    }
    return undefined;
  }

  /** The fault was submitted; one that could not be made is simply left for later. */
  done(fault: ShareFault): void {
    this.left.set(fault, Math.max(0, (this.left.get(fault) ?? 0) - 1));
    this.made.set(fault, (this.made.get(fault) ?? 0) + 1);
  }

  summary(): Record<string, number> {
    return Object.fromEntries(this.made);
  }
}
