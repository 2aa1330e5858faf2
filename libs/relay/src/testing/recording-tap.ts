import type { Direction } from '../lib/direction';
import type {
  SessionEnd,
  SessionIdentity,
  SessionTap,
  SessionTapFactory,
  SessionView,
} from '../lib/session/session-tap';

/** A tap that keeps what it saw. `onChunk` and `onClosed` are for taps that misbehave. */
export class RecordingTap implements SessionTap {
  readonly ends: SessionEnd[] = [];
  wantsChunks = true;
  inFlight = 0;
  junk = false;
  onChunk: (direction: Direction, chunk: Uint8Array) => void = () => undefined;
  onClosed: () => void = () => undefined;
  private readonly seen: Record<Direction, Buffer[]> = { to_upstream: [], to_downstream: [] };

  constructor(
    readonly session: SessionView,
    readonly identify: (identity: SessionIdentity) => void,
  ) {}

  bytes(direction: Direction): Buffer {
    return Buffer.concat(this.seen[direction]);
  }

  chunk(direction: Direction, chunk: Uint8Array): void {
    this.seen[direction].push(Buffer.from(chunk));
    this.onChunk(direction, chunk);
  }

  sharesInFlight(): number {
    return this.inFlight;
  }

  isJunk(): boolean {
    return this.junk;
  }

  closed(end: SessionEnd): void {
    this.ends.push(end);
    this.onClosed();
  }
}

/** Opens a `RecordingTap` for each session, in order. */
export class RecordingTaps implements SessionTapFactory {
  readonly opened: RecordingTap[] = [];
  turns = 0;

  /** `prepare` changes each tap before its session sees it; what it throws, `open` throws. */
  constructor(private readonly prepare: (tap: RecordingTap) => void = () => undefined) {}

  turnEnded(): void {
    this.turns += 1;
  }

  /** The tap of the session opened last. */
  get last(): RecordingTap {
    return this.opened.at(-1)!;
  }

  open(session: SessionView, identified: (identity: SessionIdentity) => void): RecordingTap {
    const tap = new RecordingTap(session, identified);
    this.opened.push(tap);
    this.prepare(tap);
    return tap;
  }
}
