import type { MeterReading, Meters } from '@mining-proxy/billing';

/**
 * One look at the meters for all families of a scrape, so that their sums and ratios are of one moment.
 * prom-client asks every family in the same turn; what is asked for in a later turn is read anew.
 */
export class Scrape {
  private shared: MeterReading | undefined;
  private lastTurn: Promise<void> = Promise.resolve();

  constructor(private readonly meters: Meters) {}

  reading(): MeterReading {
    if (!this.shared) {
      this.shared = this.meters.read();
      queueMicrotask(() => (this.shared = undefined));
    }
    return this.shared;
  }

  /** Resolves in a turn of its own: a scrape of many clients lets bytes pass between any two families. */
  turn(): Promise<void> {
    this.lastTurn = this.lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.lastTurn;
  }
}
