import type { Buffer } from 'node:buffer';
import { spellsText } from './peek-bytes';

/** One job of each of a few pools. */
const REMEMBERED = 4;

/**
 * The texts decoded last, by any session.
 *
 * A pool sends the same job to all its miners: they share one string then, instead of each
 * decoding and keeping its own.
 */
export class RecentTexts {
  private readonly texts = new Array<string>(REMEMBERED).fill('');
  private newest = 0;

  /** The text decoded last; undefined before the first. */
  get latest(): string | undefined {
    return this.texts[this.newest] === '' ? undefined : this.texts[this.newest];
  }

  /** The text of `bytes[start..end)`. */
  decode(bytes: Buffer, start: number, end: number): string {
    for (const [at, text] of this.texts.entries()) {
      if (text.length !== end - start || !spellsText(bytes, start, text)) continue;
      this.newest = at;
      return text;
    }
    const text = bytes.toString('utf8', start, end);
    this.newest = (this.newest + 1) % REMEMBERED;
    this.texts[this.newest] = text;
    return text;
  }
}
