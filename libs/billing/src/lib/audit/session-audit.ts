import type { Dialect, RejectionReason, Share, StratumEvent } from '@mining-proxy/stratum-parser';
import type { ShareOutcome } from '../journal/records/record';
import type { ShareResult } from '../metering/share-counts';
import type { AnnouncedJob } from './announced-jobs';
import type { AuditAlgorithm, Auditor, Finding, HeldShare } from './auditor';
import { readSetExtranonce, readSubscribed, readVersionMask, type Extranonce } from './bitcoin-job';
import { HeardJob } from './heard-job';
import type { HeardLine } from './heard-line';
import type { SessionPayouts } from './payouts';
import { NOTHING_TOLD, told, type Told } from './told';
import type { AuditedOutcome, Verdict } from './verdict';

/** Jobs of a session that its shares are checked against: miners are at the last one, or at the one before. */
const JOBS = 4;
/** Longer lines are not kept: a submit has some 200 bytes, a job of a large coinbase some 40,000. */
const MAX_LINE_BYTES = 1_024;
const MAX_JOB_BYTES = 49_152;
/** Shares of a session, of the jobs that it still has, that are known again when they come once more. */
const KNOWN_SHARES = 1_000;

/** Whose a share is, in the words of the ledger. */
export interface ShareOwner {
  readonly clientId: string | undefined;
  readonly worker: string | null;
}

/** What became of a share, and what was found; of several that are alike, where nothing was. */
export interface AuditedShare extends ShareOwner {
  readonly count: number;
  /** When, wall clock. */
  readonly now: number;
  readonly outcome: AuditedOutcome;
  readonly reason: RejectionReason | undefined;
  readonly finding: Finding;
}

const NO_JOBS: readonly HeardJob[] = [];
const UNCHECKED: Finding = { verdict: 'unchecked' };

/** Keeps of one session what the header of a share is made of, and has its shares checked as far as the budget goes. */
export class SessionAudit {
  readonly verdicts: Record<Verdict, number> = { valid: 0, below_target: 0, duplicate: 0, unchecked: 0 };
  private extranonce: Told<Extranonce> = NOTHING_TOLD;
  private mask: Told<number> = NOTHING_TOLD;
  /** The latest last. A list of so few is lighter than a map. */
  private jobs: readonly HeardJob[] = NO_JOBS;
  /** Shares that are to be checked, until the pool has answered. Made for the first one, as what follows. */
  private held: Map<Share, HeldShare> | undefined;
  /** Headers that were checked, each with its job: both are forgotten together. */
  private sent: Map<string, AnnouncedJob> | undefined;

  constructor(
    private readonly algorithm: AuditAlgorithm,
    private readonly auditor: Auditor,
    /** What the next events are read from. */
    private readonly line: HeardLine,
    private readonly session: { readonly dialect: Dialect | null },
    private readonly tell: (share: AuditedShare) => void,
    readonly payouts: SessionPayouts,
  ) {}

  saw(event: StratumEvent): void {
    switch (event.kind) {
      case 'submit':
        this.submitted(event.share);
        break;
      case 'notify':
        this.heard(event.job);
        break;
      case 'response':
        if (event.to === 'subscribe' && event.outcome === 'ok') this.subscribed();
        else if (event.to === 'configure') this.maskTold();
        break;
      case 'set_extranonce':
        this.extranonceSet();
        break;
      case 'set_version_mask':
        this.maskTold();
        break;
      default:
      // The others say nothing of a header.
    }
  }

  /** The share's one outcome. */
  settled(share: Share, { outcome, reason }: ShareResult, owner: ShareOwner): void {
    if (!this.counts) return;
    const held = this.held?.get(share);
    if (!held) {
      this.found(UNCHECKED, outcome, reason, owner);
      return;
    }
    this.held?.delete(share);
    this.auditor.check(held, (finding) => this.found(finding, outcome, reason, owner));
  }

  /** Whether shares are counted at the moment: those of the Bitcoin frame are, while the audit has a budget. */
  get counts(): boolean {
    return this.isBitcoin && this.auditor.isOn;
  }

  /** Whether the share is to be checked. Most are not: beyond the budget nothing is kept of them. */
  holds(share: Share): boolean {
    return this.held !== undefined && this.held.size > 0 && this.held.has(share);
  }

  /** The one outcome of so many shares that counted and were not held, the last of them at `now`. */
  unchecked(count: number, outcome: ShareOutcome, owner: ShareOwner, now: number): void {
    this.found(UNCHECKED, outcome, undefined, owner, count, now);
  }

  private get isBitcoin(): boolean {
    return this.session.dialect === 'stratum1';
  }

  private found(
    finding: Finding,
    outcome: ShareOutcome,
    reason: RejectionReason | undefined,
    { clientId, worker }: ShareOwner,
    count = 1,
    now = Date.now(),
  ): void {
    this.verdicts[finding.verdict] += count;
    this.tell({ clientId, worker, outcome: auditedOutcome(outcome), reason, finding, count, now });
  }

  private submitted(share: Share): void {
    if (!this.isBitcoin || !this.auditor.takes()) return;
    const heard = this.jobs.find(({ id }) => id === share.job);
    const line = heard && this.line.text(MAX_LINE_BYTES);
    if (!heard || line === undefined) return;
    const { announced, extranonce } = heard;
    this.held ??= new Map();
    this.held.set(share, {
      algorithm: this.algorithm,
      line,
      job: announced,
      extranonce,
      versionMask: this.mask,
      difficulty: share.difficulty,
      isNew: (header) => this.note(header, announced),
    });
  }

  private heard(job: string | null): void {
    if (job === null) return;
    const line = this.line.within(MAX_JOB_BYTES);
    const announced = line && this.auditor.jobs.announced(line.bytes, line.from, line.to);
    const before = this.jobs.find(({ id }) => id === job);
    if (before && before.announced !== announced) this.forgetSharesOf(before.announced);
    const others = before ? this.jobs.filter((heard) => heard !== before) : this.jobs;
    const heard = announced && new HeardJob(job, announced, this.extranonce);
    if (this.isBitcoin) this.payouts.heard(heard);
    const oldest = heard && others.length === JOBS ? others[0] : undefined;
    if (oldest) this.forgetSharesOf(oldest.announced);
    const kept = oldest ? others.slice(1) : others;
    this.jobs = heard ? [...kept, heard] : kept;
  }

  private subscribed(): void {
    const line = this.line.text(MAX_LINE_BYTES);
    if (line !== undefined) this.extranonce = told(readSubscribed, line);
  }

  private extranonceSet(): void {
    const line = this.line.text(MAX_LINE_BYTES);
    if (line === undefined) return;
    // Read at once: a pool that sets it again and again must not leave a chain behind.
    const before = this.extranonce.value;
    this.extranonce = told((text: string) => readSetExtranonce(text, before), line);
  }

  private maskTold(): void {
    const line = this.line.text(MAX_LINE_BYTES);
    if (line !== undefined) this.mask = told(readVersionMask, line);
  }

  private note(header: string, job: AnnouncedJob): boolean {
    const sent = (this.sent ??= new Map<string, AnnouncedJob>());
    if (sent.has(header)) return false;
    sent.set(header, job);
    if (sent.size > KNOWN_SHARES) sent.delete(sent.keys().next().value ?? '');
    return true;
  }

  private forgetSharesOf(job: AnnouncedJob): void {
    for (const [header, of] of this.sent ?? []) if (of === job) this.sent?.delete(header);
  }
}

function auditedOutcome(outcome: ShareOutcome): AuditedOutcome {
  if (outcome === 'accepted_stale') return 'accepted';
  return outcome === 'unknown' ? 'unanswered' : outcome;
}
