import type { BlockCandidate, Meters } from '@mining-proxy/billing';
import { untrusted, type Log } from '@mining-proxy/logger';

/** Writes down each share that is a block: there are few, and somebody wants to know of each. */
export class BlockLog {
  constructor(private readonly log: Log) {}

  watch({ audit }: Meters): void {
    audit.onBlock = (block) => this.found(block);
  }

  private found({ clientId, worker, job, ...block }: BlockCandidate): void {
    const who = {
      clientId: clientId === undefined ? null : untrusted(clientId),
      worker: worker === null ? null : untrusted(worker),
    };
    this.log.info(
      { ...block, ...who, job: untrusted(job) },
      "a share meets the network's target: a block candidate",
    );
  }
}
