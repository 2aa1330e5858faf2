import type { Direction } from '../direction';

/** Who shows a session's chunks to its tap. */
export interface ChunkViewer {
  /** `readAt`: when it was read, monotonic milliseconds. */
  show(direction: Direction, chunk: Uint8Array, readAt: number): void;
}

/** When so much waits, what has come is shown at once: chunks with what it costs to keep one, however short it is. */
export const MOST_BYTES = 8 * 1024 * 1024;
const KEPT_BYTES = 256;

/**
 * What was read and handed on in this turn of the event loop. It is looked at when the turn ends, in the order in which it
 * came: so the last of ten thousand miners has its job before anybody has looked at the first one's.
 */
export class TurnChunks {
  // Side by side and kept from turn to turn, so that a chunk allocates nothing here.
  private readonly viewers: (ChunkViewer | undefined)[] = [];
  private readonly directions: Direction[] = [];
  private readonly chunks: (Uint8Array | undefined)[] = [];
  private readonly times: number[] = [];
  private count = 0;
  private shown = 0;
  private bytes = 0;
  private turn: NodeJS.Immediate | undefined;

  /** `now`: monotonic milliseconds. `ended`: all that came in the turn has been shown. */
  constructor(
    private readonly now: () => number,
    private readonly ended: () => void,
  ) {}

  /** Has the turn end here, though no chunk may come: for those who write at its end, and then once. */
  begin(): void {
    this.turn ??= setImmediate(this.turnEnds);
  }

  /** Takes a chunk that has been handed on. Its viewer must not throw. */
  add(viewer: ChunkViewer, direction: Direction, chunk: Uint8Array): void {
    const { count } = this;
    this.viewers[count] = viewer;
    this.directions[count] = direction;
    this.chunks[count] = chunk;
    this.times[count] = this.now();
    this.count = count + 1;
    this.bytes += chunk.length + KEPT_BYTES;
    this.begin();
    if (this.bytes > MOST_BYTES) this.show();
  }

  /** Shows what has come up to now, for one who cannot wait for the end of the turn. */
  show(): void {
    while (this.shown < this.count) {
      const at = this.shown;
      this.shown = at + 1;
      const viewer = this.viewers[at];
      const chunk = this.chunks[at];
      this.viewers[at] = undefined;
      this.chunks[at] = undefined;
      if (viewer && chunk) viewer.show(this.directions[at] ?? 'to_upstream', chunk, this.times[at] ?? 0);
    }
    this.shown = this.count = this.bytes = 0;
  }

  private readonly turnEnds = (): void => {
    this.turn = undefined;
    this.show();
    this.ended();
  };
}
