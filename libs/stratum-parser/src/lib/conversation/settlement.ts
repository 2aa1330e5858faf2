import type { RequestKind } from '../events/requests';
import type { Share, UnansweredEvent } from '../events/shares';
import type { StratumEventSink } from '../events/stratum-event';
import type { MessageId } from '../message';
import type { Refusal, ShareVerdict } from './outcome';
import { loginRefusalReason, NO_REFUSAL } from './outcome';
import type { PendingRequest, PendingRequests } from './pending-requests';
import { classifyRejection } from '../refusals/rejection-reason';
import type { ChunkClock } from '../stream/chunk-clock';
import type { WorkerLogins } from './worker-logins';

/** What a pool's announcement answers at the same time. */
interface AlsoAnswered {
  readonly alsoAnswers: Exclude<RequestKind, 'submit'>;
  readonly latencyMs: number;
}

/**
 * Tells the sink what became of the requests of one session. Whoever has taken a request from those that wait
 * settles it here, once.
 */
export class Settlement {
  constructor(
    private readonly pending: PendingRequests,
    private readonly logins: WorkerLogins,
    private readonly clock: ChunkClock,
    private readonly sink: StratumEventSink,
  ) {}

  /** The answer to a share. */
  settleShare(request: PendingRequest, share: Share, id: MessageId, verdict: ShareVerdict): void {
    const { code, message } = verdict.refusal;
    const latencyMs = this.waited(request);
    // Three literals rather than a spread: this runs once per share.
    if (verdict.outcome === 'accepted') {
      const { outcome, stale } = verdict;
      this.sink.push({ kind: 'response', to: 'submit', outcome, id, share, stale, code, message, latencyMs });
    } else if (verdict.outcome === 'rejected') {
      const { outcome, reason } = verdict;
      this.sink.push({
        kind: 'response',
        to: 'submit',
        outcome,
        id,
        share,
        reason,
        code,
        message,
        latencyMs,
      });
    } else {
      const { outcome } = verdict;
      this.sink.push({ kind: 'response', to: 'submit', outcome, id, share, code, message, latencyMs });
    }
  }

  /** The answer to a request that is no submit; `refusal` null when it was granted, `said` in any case. */
  settleRequest(
    request: PendingRequest,
    id: MessageId,
    refusal: Refusal | null,
    status: string | null,
    said = refusal ?? NO_REFUSAL,
  ): void {
    const { kind, login } = request;
    if (kind === 'submit') return;
    if (login !== null) this.logins.answer(login, refusal === null);
    this.sink.push({
      kind: 'response',
      to: kind,
      id,
      outcome: refusal === null ? 'ok' : 'error',
      reason: refusal === null ? null : reasonFor(kind, refusal),
      code: said.code,
      message: said.message,
      worker: login?.worker ?? null,
      login: login?.login ?? null,
      status,
      latencyMs: this.waited(request),
    });
  }

  /** An answer to nothing that waits. */
  orphan(id: MessageId, refusal: Refusal | null): void {
    const { code, message } = refusal ?? NO_REFUSAL;
    this.sink.push({ kind: 'response', to: null, outcome: 'orphan', id, code, message });
  }

  /** Some pools answer a request with an announcement that carries its id. Never a submit. */
  alsoAnswered(kind: Exclude<RequestKind, 'submit'>, id: MessageId): AlsoAnswered | undefined {
    const request = this.pending.takeOf(kind, id);
    return request === undefined ? undefined : { alsoAnswers: kind, latencyMs: this.waited(request) };
  }

  /** The oldest request goes without an answer: no room is left for another. */
  evictOldest(): void {
    const evicted = this.pending.takeOldest();
    if (evicted !== undefined) this.abandon(evicted, 'evicted');
  }

  /** No answer will come any more. */
  abandonAll(): void {
    for (let left = this.pending.takeOldest(); left !== undefined; left = this.pending.takeOldest()) {
      this.abandon(left, 'closed');
    }
  }

  /** How long a request has waited by now. */
  waited(request: PendingRequest): number {
    return this.clock.nowMs - request.askedAtMs;
  }

  private abandon({ id, share }: PendingRequest, cause: UnansweredEvent['cause']): void {
    if (share !== null) this.sink.push({ kind: 'unanswered', id, share, cause });
  }
}

function reasonFor(kind: RequestKind, refusal: Refusal): ReturnType<typeof classifyRejection> {
  if (kind === 'authorize') return loginRefusalReason(refusal);
  return classifyRejection(refusal.message, refusal.code);
}
