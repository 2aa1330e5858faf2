import { Buffer } from 'node:buffer';
import type { Fields, ResponseMessage } from './message';

/** Longer answers are rare and each one different. */
const MAX_BYTES = 256;
/** As many sorts of answers as the pools of one process usually give. */
const REMEMBERED = 16;
/** Digits that a number surely holds exactly. */
const MAX_DIGITS = 15;

/** What surrounds the id of an answer, and what the answer says. */
interface Template {
  readonly before: Buffer;
  readonly after: Buffer;
  readonly fields: Fields;
}

/**
 * The answers parsed last, by any session: an answer that differs from one of them in the digits of
 * its id only says the same, and needs not be parsed again.
 */
export class AnswerTemplates {
  private readonly templates: Template[] = [];
  private next = 0;

  /** The answer in `bytes[start..end)`; undefined when it is not known. */
  find(bytes: Buffer, start: number, end: number): ResponseMessage | undefined {
    if (end - start > MAX_BYTES) return undefined;
    for (const template of this.templates) {
      const { before, after } = template;
      const from = start + before.length;
      const to = end - after.length;
      const digits = to - from;
      if (digits < 1 || digits > MAX_DIGITS) continue;
      // From behind: many answers begin alike.
      if (!stands(bytes, to, after) || !stands(bytes, start, before)) continue;
      const id = plainNumber(bytes, from, to);
      if (id >= 0) return { type: 'response', id, fields: template.fields };
    }
    return undefined;
  }

  /** Remembers an answer that was parsed from `bytes[start..end)`, if its id can be told apart. */
  learn({ id, fields }: ResponseMessage, bytes: Buffer, start: number, end: number): void {
    if (end - start > MAX_BYTES || typeof id !== 'number') return;
    const text = bytes.toString('latin1', start, end);
    // Without escapes this can only be a key, and it is the top's: it has the id.
    if (text.includes('\\') || isOpening(fields)) return;
    const key = /"id" ?: ?(\d{1,15})(?=[ ,}])/.exec(text);
    if (key?.[1] === undefined || String(id) !== key[1] || text.indexOf('"id"') !== text.lastIndexOf('"id"'))
      return;
    const after = key.index + key[0].length;
    this.templates[this.next] = {
      before: Buffer.from(text.slice(0, after - key[1].length), 'latin1'),
      after: Buffer.from(text.slice(after), 'latin1'),
      fields,
    };
    this.next = (this.next + 1) % REMEMBERED;
  }
}

/** The answer to a subscription is another one for each session. */
function isOpening({ result }: Fields): boolean {
  return Array.isArray(result) && typeof result[0] !== 'boolean';
}

function stands(bytes: Buffer, at: number, part: Buffer): boolean {
  const { length } = part;
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== part[i]) return false;
  return true;
}

/** The number that the digits spell; negative where they spell none, or not in the usual way. */
function plainNumber(bytes: Buffer, from: number, to: number): number {
  if (bytes[from] === 0x30 && to - from > 1) return -1;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
