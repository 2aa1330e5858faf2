import type { Direction } from '../direction';
import type { SessionEnd, SessionTap } from './session-tap';

/** Opens a tap and makes it safe. One that cannot even be opened leaves its session unseen. */
export function openGuarded(open: () => SessionTap, onFault: (fault: unknown) => void): SessionTap {
  try {
    return guardTap(open(), onFault);
  } catch (fault) {
    onFault(fault);
    return BLIND_TAP;
  }
}

const BLIND_TAP: SessionTap = {
  wantsChunks: false,
  chunk: () => undefined,
  sharesInFlight: () => 0,
  isJunk: () => false,
  closed: () => undefined,
};

/**
 * Makes a tap safe once, so that no author of one has to: after its first throw it sees no more chunks,
 * `onFault` hears of it once, and its `closed` is still called.
 */
export function guardTap(tap: SessionTap, onFault: (fault: unknown) => void): SessionTap {
  return new GuardedTap(tap, onFault);
}

/** A class, because every session has one: closures would weigh several times as much. */
class GuardedTap implements SessionTap {
  wantsChunks: boolean;
  private faulted = false;

  constructor(
    private readonly tap: SessionTap,
    private readonly onFault: (fault: unknown) => void,
  ) {
    this.wantsChunks = tap.wantsChunks;
  }

  chunk(direction: Direction, chunk: Uint8Array, readAt: number): void {
    if (this.faulted) return;
    try {
      this.tap.chunk(direction, chunk, readAt);
    } catch (error) {
      this.fault(error);
    }
  }

  /** A tap that lost track cannot say what is in flight; an orderly close does not wait for it. */
  sharesInFlight(): number {
    if (this.faulted) return 0;
    try {
      return this.tap.sharesInFlight();
    } catch (error) {
      this.fault(error);
      return 0;
    }
  }

  isJunk(): boolean {
    if (this.faulted) return false;
    try {
      return this.tap.isJunk();
    } catch (error) {
      this.fault(error);
      return false;
    }
  }

  closed(end: SessionEnd): void {
    try {
      this.tap.closed(end);
    } catch (error) {
      this.fault(error);
    }
  }

  private fault(error: unknown): void {
    if (this.faulted) return;
    this.faulted = true;
    this.wantsChunks = false;
    this.onFault(error);
  }
}
