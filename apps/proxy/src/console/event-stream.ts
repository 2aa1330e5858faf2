import type { Writable } from 'node:stream';

/** What a viewer may leave unread before it is dropped: it would fill our memory. */
const MOST_UNREAD_BYTES = 1_048_576;
const EVERY_MS = 2_000;
/** Viewers at a time; each holds one of the HTTP side's connections. */
export const MOST_VIEWERS = 50;

/** Who looks: what it may see, and whether it still may. */
interface Looking {
  readonly clientId: string | undefined;
  readonly mayStill: () => boolean;
}

/**
 * Sends snapshots to whoever looks, every two seconds. One is computed and encoded for all who see the same, and none while
 * nobody looks. Each viewer is written to in a turn of its own: with many clients a snapshot is large, and miners' bytes
 * pass in between.
 */
export class EventStream {
  private readonly viewers = new Map<Writable, Looking>();
  /** Those of the present round, by who may see them. */
  private readonly events = new Map<string | undefined, Buffer>();
  private timer: NodeJS.Timeout | undefined;
  private isSending = false;

  constructor(
    /** `clientId`: what that client may see; undefined: all. */
    private readonly snapshot: (clientId: string | undefined) => object,
    private readonly everyMs = EVERY_MS,
  ) {}

  get size(): number {
    return this.viewers.size;
  }

  /**
   * Begins to send, at once what the others were sent last; ends when the viewer has gone, does not read, or may not see it
   * any more.
   */
  add(viewer: Writable, clientId: string | undefined, mayStill: () => boolean = () => true): void {
    this.viewers.set(viewer, { clientId, mayStill });
    viewer.once('close', () => this.remove(viewer));
    viewer.write(this.event(clientId));
    this.timer ??= setInterval(() => this.send(), this.everyMs);
  }

  /** Ends all streams. */
  close(): void {
    for (const viewer of this.viewers.keys()) viewer.end();
  }

  /** Where the last round is not over yet, that one has to do. */
  private send(): void {
    if (this.isSending) return;
    this.isSending = true;
    this.events.clear();
    this.sendTo([...this.viewers.keys()].values());
  }

  private sendTo(round: Iterator<Writable>): void {
    const next = round.next();
    if (next.done) {
      this.isSending = false;
      return;
    }
    this.sendOne(next.value);
    setImmediate(() => this.sendTo(round));
  }

  private sendOne(viewer: Writable): void {
    // It may have gone since the round began.
    const looking = this.viewers.get(viewer);
    if (!looking || viewer.writableEnded) return;
    if (viewer.writableLength > MOST_UNREAD_BYTES) viewer.destroy();
    else if (!looking.mayStill()) viewer.end();
    else viewer.write(this.event(looking.clientId));
  }

  private event(clientId: string | undefined): Buffer {
    let event = this.events.get(clientId);
    if (!event) {
      event = Buffer.from(`event: snapshot\ndata: ${JSON.stringify(this.snapshot(clientId))}\n\n`);
      this.events.set(clientId, event);
    }
    return event;
  }

  private remove(viewer: Writable): void {
    this.viewers.delete(viewer);
    if (this.viewers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.events.clear();
  }
}
