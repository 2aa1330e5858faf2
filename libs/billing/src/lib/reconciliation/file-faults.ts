const MOST_SHOWN = 50;
const MOST_SHOWN_TEXT = 60;

/** A pool's file cannot be used; the message has every fault, one a line. */
export class PoolFileError extends Error {
  readonly code = 'BAD_POOL_FILE';
}

/** What is wrong in a file, and where. The first ones are kept, all are counted. */
export class FileFaults {
  private readonly shown: string[] = [];
  private count = 0;

  constructor(private readonly file: string) {}

  add(place: string, fault: string): void {
    this.count += 1;
    if (this.shown.length < MOST_SHOWN) this.shown.push(`${place === '' ? '' : `${place}: `}${fault}`);
  }

  get none(): boolean {
    return this.count === 0;
  }

  /** Throws `PoolFileError` with what was found, if anything was. */
  throwIfAny(): void {
    if (this.count === 0) return;
    const lines = this.shown.map((fault) => `${this.file}: ${fault}`);
    const more = this.count - this.shown.length;
    if (more > 0) lines.push(`${this.file}: and ${more} more`);
    throw new PoolFileError(lines.join('\n'));
  }
}

/** Text of a stranger, short, on one line, in quotes. */
export function quoted(text: string): string {
  const short = text.length > MOST_SHOWN_TEXT ? `${text.slice(0, MOST_SHOWN_TEXT)}…` : text;
  return `"${visible(short)}"`;
}

/** Without what a terminal would obey. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
