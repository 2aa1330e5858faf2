import type { Meters, UsageStore } from '@mining-proxy/billing';
import type { ConfigInForce } from '@mining-proxy/config';

const PAGE = 1_000;
const RETRY_MS = 5_000;

/**
 * Brings the table of workers back from the ledger after a start, so that a machine that was off stays on the list. A page
 * at a time, beside everything else; a database that is away is asked again.
 */
export class RememberWorkers {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private offset = 0;

  constructor(
    private readonly meters: Meters,
    private readonly store: UsageStore,
    private readonly config: ConfigInForce,
  ) {}

  /** Called by Nest. */
  onApplicationBootstrap(): void {
    this.next(0);
  }

  /** Called by Nest. */
  onApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private next(ms: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.page().then(
        (more) => {
          if (more) this.next(0);
        },
        () => {
          // Who reads them may be another thread by then.
          this.offset = 0;
          this.next(RETRY_MS);
        },
      );
    }, ms);
    this.timer.unref();
  }

  /** Returns whether there is more. */
  private async page(): Promise<boolean> {
    const now = Date.now();
    const since = now - this.config.current.workers.forgetAfterH * 3_600_000;
    const { offset } = this;
    const workers = await this.store.reports.rememberedWorkers({ since, now, offset, limit: PAGE });
    this.meters.workers.restore(workers);
    this.offset += workers.length;
    return workers.length === PAGE;
  }
}
