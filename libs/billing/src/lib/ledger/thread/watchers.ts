/** Those who wait for a condition that changes when something is heard. */
export class Watchers {
  private readonly watching = new Set<() => void>();

  /** Something was heard: the conditions are looked at again. */
  tell(): void {
    for (const look of this.watching) look();
  }

  /** Resolves when the condition holds, now or after something was heard, or after `limitMs`. */
  until(condition: () => boolean, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.watching.delete(look);
        resolve();
      };
      const look = () => {
        if (condition()) done();
      };
      const timer = setTimeout(done, limitMs);
      this.watching.add(look);
      look();
    });
  }
}
