import type { RequestKind } from '../events/requests';
import type { Share } from '../events/shares';
import type { MessageId } from '../message';
import type { WorkerLogin } from './worker-logins';

/** Requests of all kinds that a session may have open; then the oldest goes. */
export const MAX_PENDING = 1000;
/**
 * Of these some pools answer none, and miners send them for as long as they live. A few wait; what
 * is older than those is forgotten, so that they neither fill the memory nor push out shares.
 */
const MINOR: ReadonlySet<RequestKind> = new Set<RequestKind>([
  'hashrate',
  'keepalive',
  'getwork',
  'get_transactions',
]);
const MAX_MINOR = 16;

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
  private minors = 0;

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
    else if (MINOR.has(request.kind)) this.addedMinor();
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

  /** As `take`, of the submits only or of all others only. */
  takeAmong(submits: boolean, id: MessageId): PendingRequest | undefined {
    return this.takeWhere((request) => (request.kind === 'submit') === submits, id);
  }

  /** As `take`, of one kind only. */
  takeOf(kind: RequestKind, id: MessageId): PendingRequest | undefined {
    return this.takeWhere((request) => request.kind === kind, id);
  }

  /** Takes the oldest request of one kind, whatever its id. */
  takeKind(kind: RequestKind): PendingRequest | undefined {
    return this.takeIf((request) => request.kind === kind);
  }

  /** Takes the oldest request of all. */
  takeOldest(): PendingRequest | undefined {
    return this.oldest === undefined ? undefined : this.remove(this.oldest, undefined);
  }

  private takeWhere(among: (request: PendingRequest) => boolean, id: MessageId): PendingRequest | undefined {
    if (id === null || id === undefined) return undefined;
    const text = String(id);
    return (
      this.takeIf((request) => among(request) && request.id === id) ??
      this.takeIf((request) => among(request) && hasText(request, text))
    );
  }

  private takeAlike(text: string): PendingRequest | undefined {
    return this.takeIf((request) => hasText(request, text));
  }

  private takeIf(matches: (request: PendingRequest) => boolean): PendingRequest | undefined {
    let before: PendingRequest | undefined;
    for (let request = this.oldest; request !== undefined; before = request, request = request.next) {
      if (matches(request)) return this.remove(request, before);
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
    else if (MINOR.has(request.kind)) this.minors -= 1;
    return request;
  }

  private addedMinor(): void {
    this.minors += 1;
    if (this.minors > MAX_MINOR) this.takeIf(({ kind }) => MINOR.has(kind));
  }
}

function hasText({ id }: PendingRequest, text: string): boolean {
  return id !== null && id !== undefined && String(id) === text;
}
