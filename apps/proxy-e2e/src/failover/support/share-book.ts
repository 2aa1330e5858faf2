import { answer } from '@mining-proxy/e2e-support';
import { answeredShares, type AnsweredShares } from './ledger-of-pool';

const NTH_REJECTED = 3;

/** The judge of a pool that a test plays, and its account of what it has answered: every third share is rejected. */
export class ShareBook {
  /** Shares answered so far. */
  count = 0;
  /** Shares that were left without an answer. */
  held = 0;
  /** From now on no share is answered. */
  holds = false;
  private readonly workers = new Map<string, { accepted: number; rejected: number }>();

  judge(id: unknown, [worker]: readonly unknown[]): object | undefined {
    if (this.holds) {
      this.held += 1;
      return undefined;
    }
    this.count += 1;
    const shares = this.sharesOf(String(worker));
    if (this.count % NTH_REJECTED !== 0) {
      shares.accepted += 1;
      return answer(id, true);
    }
    shares.rejected += 1;
    return answer(id, null, [22, 'Duplicate share', null]);
  }

  get answered(): AnsweredShares {
    return answeredShares(
      [...this.workers].map(([worker, { accepted, rejected }]) => [worker, accepted, rejected]),
    );
  }

  private sharesOf(worker: string): { accepted: number; rejected: number } {
    const shares = this.workers.get(worker) ?? { accepted: 0, rejected: 0 };
    this.workers.set(worker, shares);
    return shares;
  }
}
