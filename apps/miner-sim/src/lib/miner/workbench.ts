import { hex32 } from '../bitcoin/header';
import { targetOfDifficulty } from '../bitcoin/target';
import type { ShareFault } from './miner-options';
import { ShareSearch, type Share } from './share-search';
import type { Work } from './work';

/** Hashes spent on finding one that is not good enough. */
const MISS_HASHES = 4096;
const NEVER_ISSUED_JOB = 'ffffffffff';

/** What one connection mines on: the current work, and enough of the past to be wrong on purpose. */
export class Workbench {
  extranonce1 = Buffer.alloc(0);
  extranonce2Bytes = 4;
  versionMask = 0;
  /** Stratum V1: 1 until the pool says otherwise. */
  announcedDifficulty = 1;
  /** The one in force for the current work. */
  difficulty = 1;
  /** Hashes made for right shares on this connection. */
  hashes = 0;
  private search: ShareSearch | undefined;
  private staleJobId: string | undefined;
  private last: { share: Share; worker: string } | undefined;

  get hasWork(): boolean {
    return this.search !== undefined;
  }

  /** Stratum V1: a new difficulty or extranonce counts from the next job, not at once. */
  take(work: Work): void {
    const before = this.search;
    const again = before?.space.work.jobId === work.jobId;
    if (work.clean && before !== undefined && !again) {
      this.staleJobId = before.space.work.jobId;
      this.last = undefined;
    }
    this.difficulty = this.announcedDifficulty;
    const space = {
      work,
      target: targetOfDifficulty(this.difficulty),
      extranonce1: this.extranonce1,
      extranonce2Bytes: this.extranonce2Bytes,
      versionMask: this.versionMask,
    };
    // A job that is sent once more goes on where it was, or its shares would be duplicates.
    this.search = new ShareSearch(space, again ? before.nextExtranonce2 : 0);
  }

  /** A good share, if one is found within so many hashes. */
  find(maxHashes: number, worker: string): Share | undefined {
    if (this.search === undefined) return undefined;
    const before = this.search.tried;
    const share = this.search.next(maxHashes);
    this.hashes += this.search.tried - before;
    if (share !== undefined) this.last = { share, worker };
    return share;
  }

  /** A share with this fault and the worker that it is of; undefined when it cannot be made now. */
  spoil(fault: ShareFault, worker: string): { share: Share; worker: string } | undefined {
    if (fault === 'duplicate') return this.last;
    const share = fault === 'low_difficulty' ? this.search?.nextMiss(MISS_HASHES) : this.altered(fault);
    if (share === undefined) return undefined;
    return { share, worker: fault === 'unauthorized' ? `${worker}-unknown` : worker };
  }

  /** Refused for what is wrong with it, before its hash is looked at. */
  private altered(fault: ShareFault): Share | undefined {
    const space = this.search?.space;
    if (space === undefined) return undefined;
    return {
      jobId: fault === 'stale' ? (this.staleJobId ?? NEVER_ISSUED_JOB) : space.work.jobId,
      extranonce2: '00'.repeat(space.extranonce2Bytes),
      ntime: hex32(space.work.ntime),
      nonce: fault === 'bad_nonce' ? 'not-hex' : '00000000',
      versionBits: undefined,
    };
  }
}
