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
  private next = 0;

  /** The text of `bytes[start..end)`. */
  decode(bytes: Buffer, start: number, end: number): string {
    for (const text of this.texts) {
      if (text.length === end - start && spellsText(bytes, start, text)) return text;
    }
    const text = bytes.toString('utf8', start, end);
    this.texts[this.next] = text;
    this.next = (this.next + 1) % REMEMBERED;
    return text;
  }
}
