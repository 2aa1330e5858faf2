import type { MessageId } from '../message';

/** Requests that wait for an answer: matched by typed id, first in first out (some ids repeat). */
export class Outstanding<T> {
  private readonly byId = new Map<MessageId, T[]>();
  private waiting = 0;

  get size(): number {
    return this.waiting;
  }

  add(id: MessageId, entry: T): void {
    const queue = this.byId.get(id);
    if (queue === undefined) this.byId.set(id, [entry]);
    else queue.push(entry);
    this.waiting += 1;
  }

  /** Takes the oldest with this id. */
  take(id: MessageId): T | undefined {
    const queue = this.byId.get(id);
    const entry = queue?.shift();
    if (entry === undefined) return undefined;
    if (queue?.length === 0) this.byId.delete(id);
    this.waiting -= 1;
    return entry;
  }
}
