/** A clock that is read at most once per chunk: messages of one chunk came at the same time. */
export class ChunkClock {
  private timeMs = 0;
  private isRead = false;

  constructor(private readonly now: () => number) {}

  /** The time of the present chunk. */
  get nowMs(): number {
    if (this.isRead) return this.timeMs;
    this.isRead = true;
    this.timeMs = this.now();
    return this.timeMs;
  }

  /** `readAt`: when it came, where that is known already. */
  nextChunk(readAt?: number): void {
    this.isRead = readAt !== undefined;
    this.timeMs = readAt ?? 0;
  }
}
