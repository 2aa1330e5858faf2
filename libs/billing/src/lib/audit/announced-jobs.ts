import { Buffer } from 'node:buffer';
import { readJob, type BitcoinJob } from './bitcoin-job';
import { told, type Told } from './told';

/** One job as it was announced; read when the first share of it is audited. */
export class AnnouncedJob {
  private readonly told: Told<BitcoinJob>;

  constructor(readonly line: Buffer) {
    this.told = told((bytes: Buffer) => readJob(bytes.toString('utf8')), line);
  }

  /** Undefined where it is no job of the Bitcoin frame. */
  get job(): BitcoinJob | undefined {
    return this.told.value;
  }
}

/** Jobs that are looked through when one is announced: pools send one to all their miners, one after the other. */
const RECENT = 8;

/**
 * Lets sessions that hear the same job share it. What they keep is bounded by the sessions; a pool that tells every miner
 * another job costs its bytes for each.
 */
export class AnnouncedJobs {
  private readonly recent: AnnouncedJob[] = [];

  /** The job of the line `bytes[from..to)`, which is copied where it is new. */
  announced(bytes: Buffer, from: number, to: number): AnnouncedJob {
    const { recent } = this;
    for (const known of recent) {
      const { line } = known;
      if (line.length === to - from && line.compare(bytes, from, to) === 0) return known;
    }
    const fresh = new AnnouncedJob(Buffer.from(bytes.subarray(from, to)));
    recent.unshift(fresh);
    if (recent.length > RECENT) recent.pop();
    return fresh;
  }
}
