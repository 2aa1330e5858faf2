import type { Direction, SessionEnd, SessionIdentity, SessionView } from '@mining-proxy/relay';
import type { MeteredSession } from '../lib/metering/metered-session';
import type { Meters } from '../lib/metering/meters';

/** What the relay would show of a session, set by the test. */
export class TestView implements SessionView {
  readonly id: string;
  readonly listener = 'default';
  readonly poolHost: string;
  readonly remoteAddress: string;
  readonly remotePort = 50_000;
  readonly acceptedAt = 0;
  bytesToUpstream = 0;
  bytesToDownstream = 0;
  durationMs = 0;

  constructor({ id = 's-1', poolHost = 'pool.test:3333', remoteAddress = '198.51.100.7' } = {}) {
    this.id = id;
    this.poolHost = poolHost;
    this.remoteAddress = remoteAddress;
  }
}

/** A session as the relay runs it: counts bytes, then lets the tap see them; a tap that threw sees no more. */
export class TestSession {
  readonly identities: SessionIdentity[] = [];
  readonly faults: unknown[] = [];
  readonly tap: MeteredSession;

  constructor(
    meters: Meters,
    readonly view = new TestView(),
  ) {
    this.tap = meters.open(view, (identity) => this.identities.push(identity));
  }

  get clientId(): string | undefined {
    return this.tap.clientId;
  }

  get counts() {
    return this.tap.counts;
  }

  miner(...parts: readonly (string | Uint8Array)[]): this {
    return this.carry('to_upstream', parts);
  }

  pool(...parts: readonly (string | Uint8Array)[]): this {
    return this.carry('to_downstream', parts);
  }

  close(end: Partial<SessionEnd> = {}): void {
    this.tap.closed({
      reason: { side: 'downstream', code: 'ENDED' },
      durationMs: this.view.durationMs,
      undeliveredToUpstream: 0,
      undeliveredToDownstream: 0,
      ...end,
    });
  }

  private carry(direction: Direction, parts: readonly (string | Uint8Array)[]): this {
    for (const part of parts) {
      const chunk = Buffer.from(part);
      if (direction === 'to_upstream') this.view.bytesToUpstream += chunk.length;
      else this.view.bytesToDownstream += chunk.length;
      if (this.faults.length > 0) continue;
      try {
        this.tap.chunk(direction, chunk);
      } catch (fault) {
        this.faults.push(fault);
      }
    }
    return this;
  }
}
