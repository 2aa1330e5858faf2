import type { MessageId, RequestKind, Share } from './events';
import type { WorkerLogin } from './worker-logins';

/** Requests of all kinds that a session may have open; then the oldest goes. */
export const MAX_PENDING = 1000;

/** A request that waits for its answer. */
export class PendingRequest {
  next: PendingRequest | undefined = undefined;

  constructor(
    readonly id: MessageId,
    readonly kind: RequestKind,
    readonly askedAtMs: number,
    /** What a `submit` submitted; null for other requests. */
    readonly share: Share | null,
    /** Whom an `authorize` is for; null for other requests. */
    readonly login: WorkerLogin | null,
  ) {}
}

/**
 * Requests that wait for their answer, in the order in which they were sent.
 *
 * Ids repeat (every submit of some miners has id 4), so an answer takes the oldest request with
 * its id; null answers nothing. A chain, because it is short or empty nearly always and then costs
 * nothing.
 */
export class PendingRequests {
  private oldest: PendingRequest | undefined;
  private newest: PendingRequest | undefined;
  private total = 0;
  private submits = 0;

  get count(): number {
    return this.total;
  }

  get submitCount(): number {
    return this.submits;
  }

  /** Whether the oldest has to go before another may come. */
  get full(): boolean {
    return this.total >= MAX_PENDING;
  }

  add(request: PendingRequest): void {
    if (this.newest === undefined) this.oldest = request;
    else this.newest.next = request;
    this.newest = request;
    this.total += 1;
    if (request.kind === 'submit') this.submits += 1;
  }

  /** Takes the oldest request with this id: of the same type first, else of the same text. */
  take(id: MessageId): PendingRequest | undefined {
    if (id === null || id === undefined) return undefined;
    let before: PendingRequest | undefined;
    for (let request = this.oldest; request !== undefined; before = request, request = request.next) {
      if (request.id === id) return this.remove(request, before);
    }
    return this.takeAlike(String(id));
  }

  /** Takes the oldest request of one kind with exactly this id. */
  takeOf(kind: RequestKind, id: MessageId): PendingRequest | undefined {
    if (id === null || id === undefined) return undefined;
    let before: PendingRequest | undefined;
    for (let request = this.oldest; request !== undefined; before = request, request = request.next) {
      if (request.kind === kind && request.id === id) return this.remove(request, before);
    }
    return undefined;
  }

  /** Takes the oldest request of all. */
  takeOldest(): PendingRequest | undefined {
    return this.oldest === undefined ? undefined : this.remove(this.oldest, undefined);
  }

  private takeAlike(text: string): PendingRequest | undefined {
    let before: PendingRequest | undefined;
    for (let request = this.oldest; request !== undefined; before = request, request = request.next) {
      const { id } = request;
      if (id !== null && id !== undefined && String(id) === text) return this.remove(request, before);
    }
    return undefined;
  }

  private remove(request: PendingRequest, before: PendingRequest | undefined): PendingRequest {
    if (before === undefined) this.oldest = request.next;
    else before.next = request.next;
    if (this.newest === request) this.newest = before;
    request.next = undefined;
    this.total -= 1;
    if (request.kind === 'submit') this.submits -= 1;
    return request;
  }
}
