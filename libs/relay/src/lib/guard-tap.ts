import type { SessionTap } from './session-tap';

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
  chunk: () => undefined,
  sharesInFlight: () => 0,
  closed: () => undefined,
};

/**
 * Makes a tap safe once, so that no author of one has to: after its first throw it sees no more chunks,
 * `onFault` hears of it once, and its `closed` is still called.
 */
export function guardTap(tap: SessionTap, onFault: (fault: unknown) => void): SessionTap {
  let faulted = false;
  const fault = (error: unknown): void => {
    if (faulted) return;
    faulted = true;
    onFault(error);
  };
  return {
    chunk(direction, chunk) {
      if (faulted) return;
      try {
        tap.chunk(direction, chunk);
      } catch (error) {
        fault(error);
      }
    },
    // A tap that lost track cannot say what is in flight; an orderly close does not wait for it.
    sharesInFlight() {
      if (faulted) return 0;
      try {
        return tap.sharesInFlight();
      } catch (error) {
        fault(error);
        return 0;
      }
    },
    closed(end) {
      try {
        tap.closed(end);
      } catch (error) {
        fault(error);
      }
    },
  };
}
