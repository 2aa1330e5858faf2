import { Buffer } from 'node:buffer';

/** Names, ids and words of the other side are kept up to this many characters. */
export const MAX_TEXT = 256;

/** The text cut at `MAX_TEXT`. The cut copy does not keep the long original alive. */
export function clip(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  return Buffer.from(text.slice(0, MAX_TEXT), 'utf8').toString('utf8');
}

/** The part of a worker's name before the first dot: the whole name where there is none. */
export function accountOf(worker: string): string {
  const dot = worker.indexOf('.');
  return dot < 0 ? worker : worker.slice(0, dot);
}
