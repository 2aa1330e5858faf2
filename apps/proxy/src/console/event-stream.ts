import type { Writable } from 'node:stream';

/** What a viewer may leave unread before it is dropped: it would fill our memory. */
const MOST_UNREAD_BYTES = 1_048_576;
const EVERY_MS = 2_000;
/** Viewers at a time; each holds one of the HTTP side's connections. */
export const MOST_VIEWERS = 50;

/**
 * Sends snapshots to whoever looks, every two seconds. One is computed for all who see the same, and none while nobody
 * looks.
 */
export class EventStream {
  private readonly viewers = new Map<Writable, string | undefined>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** `clientId`: what that client may see; undefined: all. */
    private readonly snapshot: (clientId: string | undefined) => object,
    /** Whether the viewer may still see it. */
    private readonly everyMs = EVERY_MS,
  ) {}

  get size(): number {
    return this.viewers.size;
  }

  /** Begins to send; ends when the viewer has gone, or does not read. */
  add(viewer: Writable, clientId: string | undefined): void {
    this.viewers.set(viewer, clientId);
    viewer.once('close', () => this.remove(viewer));
    viewer.write(this.event(clientId));
    this.timer ??= setInterval(() => this.send(), this.everyMs);
  }

  /** Ends all streams. */
  close(): void {
    for (const viewer of this.viewers.keys()) viewer.end();
  }

  private send(): void {
    const events = new Map<string | undefined, string>();
    for (const [viewer, clientId] of this.viewers) {
      if (viewer.writableLength > MOST_UNREAD_BYTES) {
        viewer.destroy();
        continue;
      }
      let event = events.get(clientId);
      if (event === undefined) events.set(clientId, (event = this.event(clientId)));
      viewer.write(event);
    }
  }

  private event(clientId: string | undefined): string {
    return `event: snapshot\ndata: ${JSON.stringify(this.snapshot(clientId))}\n\n`;
  }

  private remove(viewer: Writable): void {
    this.viewers.delete(viewer);
    if (this.viewers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
