import type { RejectedConnection, RejectionCause, Relay } from '@mining-proxy/relay';

/** Lines of the list: addresses are chosen by whoever comes. */
const MOST = 200;

/** Connections of one address that were turned away for one reason. Times in milliseconds since 1970. */
export interface Refusal extends RejectedConnection {
  readonly cause: RejectionCause;
  count: number;
  readonly firstAt: number;
  lastAt: number;
}

/** Who was turned away lately, so that an operator who is asked why a miner cannot connect finds it. Bounded. */
export class RecentRefusals {
  /** The last one to be turned away stands last. */
  private readonly refusals = new Map<string, Refusal>();

  watch({ events }: Relay): void {
    events.on('rejected', (cause, connection) => this.note(cause, connection));
  }

  /** The last one first. */
  list(): readonly Refusal[] {
    return [...this.refusals.values()].reverse();
  }

  private note(cause: RejectionCause, connection: RejectedConnection): void {
    // It had left by itself.
    if (cause === 'gone') return;
    const { listener, remoteAddress, clientId } = connection;
    const key = `${cause} ${listener} ${remoteAddress} ${clientId ?? ''}`;
    const now = Date.now();
    const refusal = this.refusals.get(key) ?? { ...connection, cause, count: 0, firstAt: now, lastAt: now };
    refusal.count += 1;
    refusal.lastAt = now;
    this.refusals.delete(key);
    this.refusals.set(key, refusal);
    if (this.refusals.size <= MOST) return;
    const [oldest = ''] = this.refusals.keys();
    this.refusals.delete(oldest);
  }
}
