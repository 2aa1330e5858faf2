import type { Buffer } from 'node:buffer';
import { DESK, digitsEnd, isSpelled, layOutTail, matches, textEnd } from './desk';
import type { Fields, MessageId } from '../message';
import { RecentTexts } from './recent-texts';

/** What may stand in a hole, and where it goes. */
export type HoleKind =
  /** The message's id, in plain digits. */
  | 'id_number'
  /** The message's id as a plain text. */
  | 'id_text'
  /** Who submits: most likely the session's worker. */
  | 'worker'
  /** The job submitted for: most likely the session's last one. */
  | 'job'
  /** A job announced: most likely one that another session has just heard of. */
  | 'new_job'
  /** A job's target: most likely that of the session's last one. */
  | 'target'
  /** How the pool calls the session: most likely as it did last. */
  | 'token'
  /** A plain text that nobody reads. */
  | 'unread_text'
  /** Plain digits that nobody reads. */
  | 'unread_number'
  /** Nothing is left of it in the template: the elements of a list behind the first. */
  | 'unread_rest';

/** `text[start..end)` of a template differs from line to line. */
export interface Hole {
  readonly kind: HoleKind;
  readonly start: number;
  readonly end: number;
  /** Which of the parameters it is. */
  readonly key: string | number;
}

/** What the session has said last, so that it is known again without decoding it. */
export interface LikelyTexts {
  readonly lastWorker: string | undefined;
  readonly lastJob: string | undefined;
  readonly lastTarget: string | undefined;
  readonly lastToken: string | undefined;
}

/** A message of which the id and some parameters are written anew for each line. */
export type ReusedMessage =
  | { readonly type: 'response'; id: MessageId; readonly fields: Fields }
  | {
      readonly type: 'request';
      id: MessageId;
      readonly method: string;
      readonly params: unknown[] | Record<string, unknown>;
      readonly fields: Fields;
    };

/** Which lines a template is for: answers, or requests of one frame. */
export type TemplateUse = 'answer' | 'submit' | 'notify' | 'loginFrame';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;

/** Longer texts are cut by whoever reads them: those are left to the full parse. */
const MAX_READ_TEXT = 256;

/**
 * A line that was parsed, with holes where other lines of its kind differ.
 *
 * Why a line that fits says what the full parse would say: outside of the holes it has the very bytes
 * of a line that is valid JSON, and in each hole a value of the same type as there, written without
 * escapes. So it is valid JSON of the same structure; what is read of it is taken from the holes.
 * The one exception is `unread_rest`, where the elements are passed over: see `closeOfRest`.
 */
export class LineTemplate {
  private readonly words: DataView;
  private readonly length: number;
  /** The message's parameters, as what they are. */
  private readonly list: unknown[];
  private readonly object: Record<string, unknown>;
  /** The first colon behind the rest that is passed over, counted from there; negative without one. */
  private readonly colonBehindRest: number;
  private readonly jobs = new RecentTexts();

  /** `text` is the line that was parsed, `message` what it said. */
  constructor(
    readonly use: TemplateUse,
    readonly message: ReusedMessage,
    text: Uint8Array,
    private readonly holes: readonly Hole[],
  ) {
    this.length = text.length;
    this.words = new DataView(text.buffer, text.byteOffset, text.length);
    const params = message.type === 'request' ? message.params : [];
    [this.list, this.object] = Array.isArray(params) ? [params, {}] : [[], params];
    const rest = holes.find(({ kind }) => kind === 'unread_rest');
    this.colonBehindRest = text.subarray(rest?.end).indexOf(COLON);
  }

  /**
   * Whether the line `bytes[from..to)` fits, which lies on the desk at `place`; `message` has what it
   * says then.
   */
  fits(bytes: Buffer, from: number, to: number, place: number, likely: LikelyTexts): boolean {
    const { words } = this;
    let at = place;
    let end = place + to - from;
    let i = 0;
    for (const hole of this.holes) {
      const same = hole.start - i;
      if (!matches(at, words, i, same)) return false;
      at += same;
      i = hole.end;
      if (hole.kind === 'unread_rest') {
        const close = this.closeOfRest(bytes, from + at - place, to, this.length - i);
        if (close === 0) return false;
        at = layOutTail(bytes, close, to);
        end = at + to - close;
      } else {
        at = this.fill(hole, at, likely);
        if (at === 0) return false;
      }
    }
    const same = this.length - i;
    return end - at === same && matches(at, words, i, same);
  }

  /** The place behind what stands in a hole; 0 when it does not fit. */
  private fill({ kind, key }: Hole, at: number, likely: LikelyTexts): number {
    switch (kind) {
      case 'unread_text':
        return textEnd(at);
      case 'id_number':
        return this.fillId(at);
      case 'unread_number':
        return digitsEnd(at);
      default:
        return this.fillText(kind, key, at, likely);
    }
  }

  private fillId(from: number): number {
    const end = digitsEnd(from);
    let value = 0;
    for (let at = from; at < end; at += 1) value = value * 10 + (DESK[at] ?? 0) - 0x30;
    this.message.id = value;
    return end;
  }

  private fillText(kind: HoleKind, key: string | number, at: number, likely: LikelyTexts): number {
    const end = textEnd(at);
    if (end === 0 || end - at > MAX_READ_TEXT) return 0;
    if (kind === 'worker') this.put(key, decodeLikely(likely.lastWorker, at, end));
    else if (kind === 'job') this.put(key, decodeLikely(likely.lastJob, at, end));
    else if (kind === 'new_job') this.put(key, this.jobs.decode(at, end));
    else if (kind === 'target') this.put(key, decodeLikely(likely.lastTarget, at, end));
    else if (kind === 'token') this.put(key, decodeLikely(likely.lastToken, at, end));
    else this.message.id = DESK.toString('utf8', at, end);
    return end;
  }

  private put(key: string | number, text: string): void {
    if (typeof key === 'number') this.list[key] = text;
    else this.object[key] = text;
  }

  /**
   * Where a list closes that has more elements behind `bytes[at]`; 0 when that is not certain.
   *
   * A job has no colon in it, so the first one in the line is the one that follows the list in the
   * template, too, and without one the list is the last member, with `behind` bytes from its `]` to the end.
   * What comes behind has to fit, and a line of valid JSON can close there nothing but the list. The
   * elements themselves are not checked: a line that is broken there is taken for what it would be if whole.
   */
  private closeOfRest(bytes: Buffer, at: number, to: number, behind: number): number {
    const second = bytes[at + 1] === 0x20 ? at + 2 : at + 1;
    if (bytes[at] !== COMMA || bytes[second] !== QUOTE) return 0;
    const colon = bytes.indexOf(COLON, second);
    const inLine = colon >= 0 && colon < to;
    if (this.colonBehindRest < 0) return inLine ? 0 : Math.max(to - behind, second);
    return inLine ? Math.max(colon - this.colonBehindRest, second) : 0;
  }
}

function decodeLikely(likely: string | undefined, start: number, end: number): string {
  return likely !== undefined && isSpelled(likely, start, end) ? likely : DESK.toString('utf8', start, end);
}
