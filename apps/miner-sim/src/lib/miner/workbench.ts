import type { MessageId } from '../message';
import type { ShareTarget, ShareWorth } from '../share-target';
import type { ShareFault } from './miner-options';

/** Hashes spent on finding one that is not good enough. */
const MISS_HASHES = 4096;

/** Faults whose shares are refused before their hash is looked at. */
export type UnhashedFault = Exclude<ShareFault, 'duplicate' | 'low_difficulty'>;

/** Hashes on one job until some meet its target. */
export interface Search<S> {
  readonly jobId: string;
  /** Hashes made so far. */
  readonly tried: number;
  /** Tries at most so many hashes; undefined when none of them would do. */
  next(maxHashes: number): S | undefined;
  /** A share that the pool has to refuse for its difficulty. */
  nextMiss(maxHashes: number): S | undefined;
  /** A share with this fault; a stale one is of `staleJobId`, or of a job that never was. */
  altered(fault: UnhashedFault, staleJobId: string | undefined): S;
}

/** How a dialect writes a submit. */
export interface SubmitWriter<S> {
  /** Who the pool takes a submit to be of whose sender never logged in as `worker`. */
  strangerTo(worker: string): string;
  submit(id: MessageId, share: S, worker: string, stranger: boolean): string;
}

/** A submit that only lacks its id. */
export interface Submission {
  readonly worker: string;
  line(id: MessageId): string;
}

/** What a connection mines on, whatever its dialect. */
export interface Bench {
  readonly hasWork: boolean;
  /** Hashes made for right shares on this connection. */
  readonly hashes: number;
  /** What an accepted share of the current job is worth. */
  readonly worth: ShareWorth;
  /** A good share, if one is found within so many hashes. */
  find(maxHashes: number, worker: string): Submission | undefined;
  /** A share with this fault; undefined when it cannot be made now. */
  spoil(fault: ShareFault, worker: string): Submission | undefined;
}

const NOTHING: ShareWorth = { difficulty: undefined, hashes: 0 };

/** The current work of one connection, and enough of the past to be wrong on purpose. */
export class Workbench<S, T extends Search<S> = Search<S>> implements Bench {
  hashes = 0;
  worth: ShareWorth = NOTHING;
  private search: T | undefined;
  private staleJobId: string | undefined;
  private last: Submission | undefined;

  constructor(private readonly writer: SubmitWriter<S>) {}

  get hasWork(): boolean {
    return this.search !== undefined;
  }

  /** The search on the job with this id, if it is the current one. */
  searchOf(jobId: string): T | undefined {
    return this.search?.jobId === jobId ? this.search : undefined;
  }

  /** Turns to this job; a clean one makes the job before it stale. */
  take(search: T, target: ShareTarget, clean: boolean): void {
    const before = this.search;
    if (clean && before !== undefined && before.jobId !== search.jobId) {
      this.staleJobId = before.jobId;
      this.last = undefined;
    }
    this.worth = target;
    this.search = search;
  }

  find(maxHashes: number, worker: string): Submission | undefined {
    if (this.search === undefined) return undefined;
    const before = this.search.tried;
    const share = this.search.next(maxHashes);
    this.hashes += this.search.tried - before;
    if (share === undefined) return undefined;
    this.last = this.written(share, worker);
    return this.last;
  }

  spoil(fault: ShareFault, worker: string): Submission | undefined {
    if (fault === 'duplicate') return this.last;
    const share =
      fault === 'low_difficulty'
        ? this.search?.nextMiss(MISS_HASHES)
        : this.search?.altered(fault, this.staleJobId);
    if (share === undefined) return undefined;
    return this.written(share, worker, fault === 'unauthorized');
  }

  private written(share: S, worker: string, stranger = false): Submission {
    const { writer } = this;
    return {
      worker: stranger ? writer.strangerTo(worker) : worker,
      line: (id) => writer.submit(id, share, worker, stranger),
    };
  }
}
