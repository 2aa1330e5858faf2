import type { StratumEvent, StratumEventSink } from '..';
import { isJob, isNotification } from '..';

/** Counts of one worker. */
export interface WorkerTally {
  submits: number;
  accepted: number;
  rejected: number;
  work: number;
}

/** Keeps the events and adds them up as the totals of the recorded sessions are. */
export class EventTally implements StratumEventSink {
  readonly events: StratumEvent[] = [];
  readonly byWorker = new Map<string, WorkerTally>();
  readonly rejectedBy = new Map<string, number>();
  submits = 0;
  accepted = 0;
  acceptedStale = 0;
  rejected = 0;
  unknown = 0;
  unanswered = 0;
  orphans = 0;
  /** Lines that were counted and skipped, oversize ones included. */
  malformed = 0;
  jobs = 0;
  notifications = 0;
  work = 0;

  push(event: StratumEvent): void {
    this.events.push(event);
    if (isNotification(event)) this.notifications += 1;
    if (isJob(event)) this.jobs += 1;
    if (event.kind === 'submit') {
      this.submits += 1;
      this.worker(event.share.worker).submits += 1;
    } else if (event.kind === 'unanswered') {
      this.unanswered += 1;
    } else if (event.kind === 'malformed' || event.kind === 'oversize') {
      this.malformed += 1;
    } else if (event.kind === 'response') {
      this.response(event);
    }
  }

  private response(event: Extract<StratumEvent, { kind: 'response' }>): void {
    if (event.to === null) this.orphans += 1;
    if (event.to !== 'submit') return;
    const worker = this.worker(event.share.worker);
    if (event.outcome === 'unknown') {
      this.unknown += 1;
    } else if (event.outcome === 'rejected') {
      this.rejected += 1;
      worker.rejected += 1;
      this.rejectedBy.set(event.reason, (this.rejectedBy.get(event.reason) ?? 0) + 1);
    } else {
      this.accepted += 1;
      worker.accepted += 1;
      worker.work += event.share.hashes ?? 0;
      this.work += event.share.hashes ?? 0;
      if (event.stale) this.acceptedStale += 1;
    }
  }

  private worker(name: string | null): WorkerTally {
    const known = this.byWorker.get(name ?? '');
    if (known !== undefined) return known;
    const fresh = { submits: 0, accepted: 0, rejected: 0, work: 0 };
    this.byWorker.set(name ?? '', fresh);
    return fresh;
  }
}
