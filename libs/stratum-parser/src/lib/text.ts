import { Buffer } from 'node:buffer';

/** Names, ids and words of the other side are kept up to this many characters. */
export const MAX_TEXT = 256;

/** The text cut at `most` characters. The cut copy does not keep the long original alive. */
export function clip(text: string, most = MAX_TEXT): string {
  if (text.length <= most) return text;
  return Buffer.from(text.slice(0, most), 'utf8').toString('utf8');
}
