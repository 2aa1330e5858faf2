import { scrypt } from 'node:crypto';
import type { AnnouncedJob } from './announced-jobs';
import { AnnouncedJobs } from './announced-jobs';
import { readSubmission, type BitcoinJob, type Extranonce } from './bitcoin-job';
import { coinbaseIn } from './heard-job';
import { hashText, headerOf, sha256d } from './share-header';
import type { Told } from './told';
import { meets, targetOfBits, targetOfDifficulty } from './target';
import type { Verdict } from './verdict';

/** What a header is hashed with. */
export type AuditAlgorithm = 'sha256d' | 'scrypt';

/** All that is known of one share that is to be checked. */
export interface HeldShare {
  readonly algorithm: AuditAlgorithm;
  /** The line of its submit. */
  readonly line: string;
  readonly job: AnnouncedJob;
  /** In force when the job was announced. */
  readonly extranonce: Told<Extranonce>;
  /** Bits of the version that the miner may roll; none where nothing was said of them. */
  readonly versionMask: Told<number>;
  /** At which the job was announced; null where that is not known. */
  readonly difficulty: number | null;
  /** Whether the session has not sent the same header before. */
  readonly isNew: (header: string) => boolean;
}

/** A share's block. */
export interface FoundBlock {
  readonly job: string;
  /** Of its header, as people write it. */
  readonly hash: string;
  /** As its coinbase says; null where it does not. */
  readonly height: number | null;
}

/** What an audit found. */
export interface Finding {
  readonly verdict: Verdict;
  /** Where the share is a block: it meets the network's target in its job. */
  readonly block?: FoundBlock;
}

const UNCHECKED: Finding = { verdict: 'unchecked' };

interface Task {
  readonly share: HeldShare;
  readonly found: (finding: Finding) => void;
}

/** Shares that wait to be audited: so many seconds of the budget. */
const QUEUE_SECONDS = 5;
/** The event loop is had for so long at a time. */
const SLICE_MS = 1;

/** Difficulty 1 of scrypt is 2^16 times as easy. */
const EASE: Readonly<Record<AuditAlgorithm, number>> = { sha256d: 1, scrypt: 65_536 };

/** scrypt as Litecoin has it: N 1,024, r 1, p 1, 128 KiB. */
const SCRYPT = { N: 1_024, r: 1, p: 1 };

/**
 * Checks shares: builds their headers again and hashes them. Never in the turn in which bytes pass, at most so many a second,
 * and a few at a time.
 */
export class Auditor {
  readonly jobs = new AnnouncedJobs();
  private budget: number;
  private refilledAt: number;
  private queue: Task[] = [];
  private isRunning = false;

  /** `submitsPerSecond`: 0 checks nothing. `now`: monotonic milliseconds. */
  constructor(
    private submitsPerSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.budget = submitsPerSecond;
    this.refilledAt = now();
  }

  get isOn(): boolean {
    return this.submitsPerSecond > 0;
  }

  setBudget(submitsPerSecond: number): void {
    this.submitsPerSecond = submitsPerSecond;
    this.budget = Math.min(this.budget, submitsPerSecond);
  }

  /** Whether one more share is within the budget; then it is taken from it. */
  takes(): boolean {
    const now = this.now();
    const grown = this.budget + ((now - this.refilledAt) / 1_000) * this.submitsPerSecond;
    this.budget = Math.min(grown, this.submitsPerSecond);
    this.refilledAt = now;
    if (this.budget < 1) return false;
    this.budget -= 1;
    return true;
  }

  /** Checks a share when there is time. `found` is called once, in a later turn, or at once where it is not checked. */
  check(share: HeldShare, found: (finding: Finding) => void): void {
    if (this.queue.length >= QUEUE_SECONDS * this.submitsPerSecond) {
      found(UNCHECKED);
      return;
    }
    this.queue.push({ share, found });
    if (this.isRunning) return;
    this.isRunning = true;
    setImmediate(() => this.run());
  }

  private run(): void {
    const until = this.now() + SLICE_MS;
    let done = 0;
    for (const task of this.queue) {
      if (this.now() >= until) break;
      done += 1;
      if (task.share.algorithm === 'scrypt') {
        this.queue.splice(0, done);
        this.runSlow(task);
        return;
      }
      task.found(finding(task.share, sha256d));
    }
    this.queue.splice(0, done);
    this.goOn();
  }

  /** In the thread pool: it takes a thousand times as long. */
  private runSlow({ share, found }: Task): void {
    const header = headerIn(share);
    if (header === undefined) {
      found(UNCHECKED);
      this.goOn();
      return;
    }
    scrypt(header, header, 32, SCRYPT, (error, hash) => {
      found(error ? UNCHECKED : finding(share, () => hash));
      this.goOn();
    });
  }

  private goOn(): void {
    this.isRunning = this.queue.length > 0;
    if (this.isRunning) setImmediate(() => this.run());
  }
}

function headerIn({ line, job: { job }, extranonce: { value: extranonce }, versionMask }: HeldShare) {
  const submission = readSubmission(line);
  if (!job || !submission || submission.extranonce2.length !== extranonce?.extranonce2Bytes) return undefined;
  return headerOf(job, extranonce, submission, versionMask.value ?? 0);
}

function finding(share: HeldShare, hashOf: (header: Buffer) => Buffer): Finding {
  const header = headerIn(share);
  const { job: announced, difficulty, algorithm, isNew } = share;
  const { job } = announced;
  if (!header || !job || difficulty === null || !(difficulty > 0)) return UNCHECKED;
  const hash = hashOf(header);
  // The header has all that was submitted, and the coinbase by its root.
  if (!isNew(header.toString('latin1'))) return { verdict: 'duplicate' };
  const isValid = meets(hash, targetOfDifficulty(difficulty, EASE[algorithm]));
  const network = targetOfBits(job.bits);
  const verdict = isValid ? 'valid' : 'below_target';
  if (!network || !meets(hash, network)) return { verdict };
  const id = algorithm === 'sha256d' ? hash : sha256d(header);
  return { verdict, block: { job: job.id, hash: hashText(id), height: heightIn(share, job) } };
}

function heightIn({ line, extranonce: { value: extranonce } }: HeldShare, job: BitcoinJob): number | null {
  const submission = readSubmission(line);
  if (!extranonce || !submission) return null;
  return coinbaseIn(job, extranonce, submission.extranonce2)?.height ?? null;
}
