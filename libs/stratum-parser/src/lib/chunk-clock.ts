/** A clock that is read at most once per chunk: messages of one chunk came at the same time. */
export class ChunkClock {
  private timeMs: number | undefined;

  constructor(private readonly now: () => number) {}

  /** The time of the present chunk. */
  get nowMs(): number {
    return (this.timeMs ??= this.now());
  }

  nextChunk(): void {
    this.timeMs = undefined;
  }
}
