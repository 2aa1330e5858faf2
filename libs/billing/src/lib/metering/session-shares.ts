import type { Login, ResponseEvent, Share } from '@mining-proxy/stratum-parser';
import type { SessionView } from '@mining-proxy/relay';
import type { ClientDirectory } from '../identity/client-directory';
import type { SessionLogins } from '../identity/session-logins';
import type { ShareFact } from '../journal/records/record';
import { NO_WORK, shareWork, type ShareWork } from '../journal/records/share-work';
import type { SessionAudit } from '../audit/session-audit';
import type { SessionWorkers } from '../workers/session-workers';
import { SessionGuests, type GuestBooks } from './guest-shares';
import { HashrateEstimate } from './hashrate-estimate';
import type { SessionUsage, Speaker } from './session-usage';
import { ShareCounts, type SettledShares, type ShareResult } from './share-counts';

const ACCEPTED: ShareResult = { outcome: 'accepted' };

/** Accepted shares of one session that are alike in all but their time: only the journal has them one by one. */
interface AlikeShares extends SettledShares {
  /** How many have come since the last time that they were booked. */
  count: number;
  /** Wall clock of the first of them, and of the last. */
  since: number;
  at: number;
  /** Those of them that the audit counts and does not hold. */
  unchecked: number;
  readonly login: Login;
  readonly worker: string;
  readonly clientId: string;
  readonly dialect: string | null;
  /** By which the login was read. */
  readonly directory: ClientDirectory;
  readonly work: ShareWork;
  readonly fact: ShareFact;
}

/** Who keeps what is counted here. */
interface Books extends GuestBooks {
  readonly directory: ClientDirectory;
}

/**
 * The shares of one session: each is counted as it comes, then once more, and written down, with its one outcome.
 *
 * Nearly all of them are accepted and differ from the one before in their time alone. Such a one is written down at once
 * and is one more of its like otherwise; these are booked together: when another kind comes, at a regular pace, and before
 * anybody looks.
 */
export class SessionShares {
  private readonly counted = new ShareCounts();
  private readonly estimate = new HashrateEstimate();
  /** Made at the first share of one: most sessions never have any. */
  private hosted: SessionGuests | undefined;
  private alike: AlikeShares | undefined;

  constructor(
    private readonly view: SessionView,
    private readonly logins: SessionLogins,
    private readonly usage: SessionUsage,
    private readonly books: Books,
    private readonly session: Speaker,
    private readonly workers: SessionWorkers,
    private readonly audit: SessionAudit | undefined,
  ) {}

  get counts(): ShareCounts {
    this.book();
    return this.counted;
  }

  get hashrate(): HashrateEstimate {
    this.book();
    return this.estimate;
  }

  /** Undefined where nobody but the session's client has any share on it. */
  get guests(): SessionGuests | undefined {
    return this.hosted;
  }

  /** A message of the pool that is no answer, or a job, or both. */
  heard(isNotification: boolean, isJob: boolean): void {
    if (isNotification) this.counted.notifications += 1;
    if (isJob) this.counted.jobs += 1;
  }

  submitted(): void {
    this.counted.submits += 1;
  }

  /** One that was submitted is another client's than the session's. */
  host(share: Share, clientId: string): void {
    this.hosted ??= new SessionGuests(this.view.poolHost, this.books);
    this.hosted.submit(share, clientId);
  }

  answered(event: Extract<ResponseEvent, { to: 'submit' }>): void {
    switch (event.outcome) {
      case 'accepted':
        if (event.stale) this.settle(event.share, { outcome: 'accepted_stale' });
        else this.accepted(event.share);
        break;
      case 'rejected':
        this.settle(event.share, { outcome: 'rejected', reason: event.reason });
        break;
      case 'unknown':
        this.settle(event.share, { outcome: 'unknown' });
    }
  }

  unanswered(share: Share): void {
    this.settle(share, { outcome: 'unanswered' });
  }

  /** No answer will be seen any more: what is open is unanswered, from now on. */
  abandon(): void {
    const { counts } = this;
    // Shares that were being settled when the inspection failed are in nobody's list any more.
    for (const share of this.hosted?.unsettled ?? []) this.unanswered(share);
    while (counts.settled < counts.submits) {
      counts.settle({ outcome: 'unanswered' }, NO_WORK);
      this.usage.share(null, { outcome: 'unanswered' }, NO_WORK, undefined);
    }
  }

  /** Adds the shares that were alike to what is shown. */
  book(): void {
    const { alike } = this;
    if (alike === undefined || alike.count === 0) return;
    const { clientId, worker, work, count, unchecked, since, at } = alike;
    const booked = { ...alike };
    alike.count = alike.unchecked = 0;
    this.counted.settle(ACCEPTED, work, count);
    this.workers.settled(clientId, worker, booked);
    if (work.hashes !== null) {
      const agoMs = Math.max(0, Date.now() - (since + at) / 2);
      this.estimate.add((alike.hashes ?? 0) * count, this.view.durationMs - agoMs);
    }
    if (unchecked > 0) this.audit?.unchecked(unchecked, 'accepted', { clientId, worker }, at);
  }

  private accepted(share: Share): void {
    const { alike } = this;
    if (alike === undefined || !this.isAnother(share, alike)) {
      this.alike = this.likeOf(share, this.settle(share, ACCEPTED));
      return;
    }
    const now = Date.now();
    // Workers are shown by minutes, the audit by hours.
    if (minuteOf(now) !== minuteOf(alike.at)) this.book();
    if (alike.count === 0) alike.since = now;
    alike.count += 1;
    alike.at = now;
    this.usage.again(alike.fact);
    if (this.audit?.holds(share) === true) this.audit.settled(share, ACCEPTED, alike);
    else if (this.audit?.counts === true) alike.unchecked += 1;
  }

  private isAnother(share: Share, alike: AlikeShares): boolean {
    return (
      share.login === alike.login &&
      share.difficulty === alike.difficulty &&
      share.hashes === alike.hashes &&
      this.session.clientId === alike.clientId &&
      this.session.dialect === alike.dialect &&
      this.books.directory === alike.directory &&
      this.hosted === undefined
    );
  }

  /** What the next share has to be like, where it may be counted together with others. */
  private likeOf(share: Share, { worker, work, fact }: Settled): AlikeShares | undefined {
    const { login, hashes, difficulty } = share;
    const { clientId, dialect } = this.session;
    const isOwn = this.hosted === undefined && clientId !== undefined;
    if (!isOwn || login === null || worker === null) return undefined;
    const { directory } = this.books;
    const none = { result: ACCEPTED, count: 0, since: 0, at: 0, unchecked: 0 };
    return { ...none, hashes, difficulty, login, worker, clientId, dialect, directory, work, fact };
  }

  /** One share by itself. */
  private settle(share: Share, result: ShareResult): Settled {
    // In their order: the last one is shown.
    this.book();
    const { hashes, difficulty } = share;
    const work = shareWork(hashes, difficulty);
    this.counted.settle(result, work);
    const guest = this.hosted?.settle(share, result, work);
    const worker = share.login === null ? null : this.logins.read(share.login).worker;
    const clientId = guest ?? this.session.clientId;
    if (worker !== null && clientId !== undefined) {
      this.workers.settled(clientId, worker, { result, count: 1, at: Date.now(), hashes, difficulty });
    }
    const isAccepted = result.outcome === 'accepted' || result.outcome === 'accepted_stale';
    if (isAccepted && work.hashes !== null) this.estimate.add(hashes ?? 0, this.view.durationMs);
    const fact = this.usage.share(worker, result, work, guest);
    this.audit?.settled(share, result, { clientId, worker });
    return { worker, work, fact };
  }
}

function minuteOf(time: number): number {
  return Math.floor(time / 60_000);
}

/** What was made of a share. */
interface Settled {
  readonly worker: string | null;
  readonly work: ShareWork;
  readonly fact: ShareFact;
}
