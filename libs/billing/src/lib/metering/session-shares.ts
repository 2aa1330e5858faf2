import type { ResponseEvent, Share } from '@mining-proxy/stratum-parser';
import type { SessionView } from '@mining-proxy/relay';
import type { SessionLogins } from '../identity/session-logins';
import { NO_WORK, shareWork, type ShareWork } from '../journal/records/share-work';
import type { SessionAudit } from '../audit/session-audit';
import type { SessionWorkers } from '../workers/session-workers';
import { SessionGuests, type GuestBooks } from './guest-shares';
import { HashrateEstimate } from './hashrate-estimate';
import type { SessionUsage } from './session-usage';
import { ShareCounts, type ShareResult } from './share-counts';

/** The shares of one session: each is counted as it comes, then once more, and written down, with its one outcome. */
export class SessionShares {
  readonly counts = new ShareCounts();
  /** Made at the first share of one: most sessions never have any. */
  guests: SessionGuests | undefined;
  readonly hashrate = new HashrateEstimate();

  constructor(
    private readonly view: SessionView,
    private readonly logins: SessionLogins,
    private readonly usage: SessionUsage,
    private readonly books: GuestBooks,
    private readonly client: { readonly id: string | undefined },
    private readonly workers: SessionWorkers,
    private readonly audit: SessionAudit | undefined,
  ) {}

  /** One that was submitted is another client's than the session's. */
  host(share: Share, clientId: string): void {
    this.guests ??= new SessionGuests(this.view.poolHost, this.books);
    this.guests.submit(share, clientId);
  }

  answered(event: Extract<ResponseEvent, { to: 'submit' }>): void {
    switch (event.outcome) {
      case 'accepted':
        this.accepted(event.share, event.stale);
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
    for (const share of this.guests?.unsettled ?? []) this.unanswered(share);
    while (counts.settled < counts.submits) {
      counts.settle({ outcome: 'unanswered' }, NO_WORK);
      this.usage.share(null, { outcome: 'unanswered' }, NO_WORK, undefined);
    }
  }

  private accepted(share: Share, stale: boolean): void {
    const work = this.settle(share, { outcome: stale ? 'accepted_stale' : 'accepted' });
    if (work.hashes !== null) this.hashrate.add(share.hashes ?? 0, this.view.durationMs);
  }

  /** Returns the share's work in whole numbers. */
  private settle(share: Share, result: ShareResult): ShareWork {
    const work = shareWork(share.hashes, share.difficulty);
    this.counts.settle(result, work);
    const guest = this.guests?.settle(share, result, work);
    const worker = share.login === null ? null : this.logins.read(share.login).worker;
    const clientId = guest ?? this.client.id;
    if (worker !== null && clientId !== undefined) this.workers.settled(clientId, worker, share, result);
    this.usage.share(worker, result, work, guest);
    this.audit?.settled(share, result, { clientId, worker });
    return work;
  }
}
