import { Buffer } from 'node:buffer';
import type { JsonPlace } from './json-places';
import { jsonPlaces } from './json-places';
import type { Hole, HoleKind, ReusedMessage, TemplateUse } from './line-template';
import { LineTemplate } from './line-template';
import type { Fields, Message, RequestMessage } from '../message';
import { element, isFields, isList, readMessage } from '../message';

/** Longer lines are rare and each one different, but for jobs. */
const MAX_BYTES = 512;

/** A sort of requests of which many are sent that differ in few parameters. */
interface Frame {
  readonly use: Exclude<TemplateUse, 'answer'>;
  readonly method: string;
  readonly inList: boolean;
  /** The parameters that may differ, and whether anyone reads them. */
  readonly holes: ReadonlyMap<string | number, HoleKind>;
  /** What texts further on in a list are. */
  readonly others?: HoleKind;
}

const NOTIFY: Frame = {
  use: 'notify',
  method: 'mining.notify',
  inList: true,
  holes: new Map([[0, 'new_job']]),
};

const FRAMES: readonly Frame[] = [
  NOTIFY,
  {
    use: 'submit',
    method: 'mining.submit',
    inList: true,
    holes: new Map<number, HoleKind>([
      [0, 'worker'],
      [1, 'job'],
    ]),
    others: 'unread_text',
  },
  {
    use: 'loginFrame',
    method: 'submit',
    inList: false,
    holes: new Map<string, HoleKind>([
      ['id', 'token'],
      ['job_id', 'job'],
      ['nonce', 'unread_text'],
      ['result', 'unread_text'],
    ]),
  },
  {
    use: 'loginFrame',
    method: 'job',
    inList: false,
    holes: new Map<string, HoleKind>([
      ['job_id', 'new_job'],
      ['target', 'target'],
      ['id', 'unread_text'],
      ['blob', 'unread_text'],
      ['seed_hash', 'unread_text'],
      ['next_seed_hash', 'unread_text'],
      ['height', 'unread_number'],
    ]),
  },
];

/** The template of a line that was parsed; undefined when it has none that is certain and of use. */
export function templateOf(
  message: Message,
  bytes: Buffer,
  from: number,
  to: number,
): LineTemplate | undefined {
  const text = () => bytes.toString('latin1', from, to);
  const isShort = to - from <= MAX_BYTES;
  if (message.type === 'response') return isShort ? answerTemplate(message.fields, text()) : undefined;
  const frame = FRAMES.find(({ method }) => method === message.method);
  if (frame === NOTIFY) return notifyTemplate(message, text());
  return frame === undefined || !isShort ? undefined : requestTemplate(message, frame, text());
}

function answerTemplate(fields: Fields, text: string): LineTemplate | undefined {
  const holes = isOpening(fields) ? [] : holesOf(text, () => undefined);
  if (holes.length === 0) return undefined;
  return new LineTemplate('answer', { type: 'response', id: undefined, fields }, ascii(text), holes);
}

/** The answer to a subscription is another one for each session. */
function isOpening({ result }: Fields): boolean {
  return Array.isArray(result) && typeof result[0] !== 'boolean';
}

function requestTemplate(message: RequestMessage, frame: Frame, text: string): LineTemplate | undefined {
  const { params } = message;
  if (!(frame.inList ? isList(params) : isFields(params))) return undefined;
  const holes = holesOf(text, (key) => frame.holes.get(key) ?? frame.others);
  return withJob(message, frame, text, holes);
}

/** A job is long, and nearly all of it is in the parameters behind the first, which nobody reads. */
function notifyTemplate(message: RequestMessage, text: string): LineTemplate | undefined {
  const short = shortened(text);
  return short !== undefined && isSameJob(short.message, message) ? jobTemplate(message, short) : undefined;
}

/**
 * The template of a line that is no valid JSON, where it is a job that is broken in the part that templates pass
 * over. Such a line fits those of whole jobs, so that it has to be taken for one also before any is known: what a line
 * says must not depend on what others have said.
 */
export function brokenJobTemplate(bytes: Buffer, from: number, to: number): LineTemplate | undefined {
  const short = shortened(bytes.toString('latin1', from, to));
  return short?.message.method === NOTIFY.method ? jobTemplate(short.message, short) : undefined;
}

/** A job without the parameters behind its first. */
interface ShortJob {
  readonly text: string;
  /** Where the others were. */
  readonly gap: number;
  readonly message: RequestMessage;
}

function shortened(text: string): ShortJob | undefined {
  const head = /^[^[]*\[ ?"[^"]*"/.exec(text)?.[0];
  if (head === undefined) return undefined;
  const colon = text.indexOf(':', head.length);
  const short = head + text.slice(text.lastIndexOf(']', colon < 0 ? text.length : colon));
  if (short.length > MAX_BYTES) return undefined;
  const message = readMessage(parsed(short));
  const isRequest = typeof message !== 'string' && message.type === 'request';
  return isRequest ? { text: short, gap: head.length, message } : undefined;
}

function jobTemplate(message: RequestMessage, { text, gap }: ShortJob): LineTemplate | undefined {
  const rest: Hole = { kind: 'unread_rest', start: gap, end: gap, key: 1 };
  const holes = holesOf(text, (key) => NOTIFY.holes.get(key));
  return withJob(
    message,
    NOTIFY,
    text,
    [...holes, rest].sort((one, other) => one.start - other.start),
  );
}

function withJob(
  message: RequestMessage,
  frame: Frame,
  text: string,
  holes: readonly Hole[],
): LineTemplate | undefined {
  if (!holes.some(({ kind }) => kind === 'job' || kind === 'new_job')) return undefined;
  return new LineTemplate(frame.use, reusable(message, frame, holes), ascii(text), holes);
}

/** The message without what nobody reads: that belongs to another line. */
function reusable(message: RequestMessage, frame: Frame, holes: readonly Hole[]): ReusedMessage {
  const unread = new Set(holes.filter(({ kind }) => kind.startsWith('unread')).map(({ key }) => key));
  const params = isList(message.params)
    ? message.params.slice(0, frame.holes.size)
    : Object.fromEntries(Object.entries(message.params as Fields).filter(([key]) => !unread.has(key)));
  // The frame's own text of the method is compared by its address.
  return { ...message, method: frame.method, params, fields: { ...message.fields, params } };
}

/** Whether a shortened line says the same job in the same way. */
function isSameJob(short: RequestMessage, { id, method, params, fields }: RequestMessage): boolean {
  return (
    short.id === id &&
    short.method === method &&
    element(short.params, 0) === element(params, 0) &&
    Object.keys(short.fields).join() === Object.keys(fields).join()
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The holes of a line: its id, and the parameters that `kindOf` tells; none where that is not certain. */
function holesOf(text: string, kindOf: (key: string | number) => HoleKind | undefined): readonly Hole[] {
  const places = text.includes('\\') ? undefined : jsonPlaces(text);
  return (places ?? []).flatMap((place) => holeAt(place, text, kindOf) ?? []);
}

function holeAt(
  { path, start, end, isText }: JsonPlace,
  text: string,
  kindOf: (key: string | number) => HoleKind | undefined,
): Hole | undefined {
  const [top, key = ''] = path;
  if (top === 'id' && path.length === 1) {
    if (isText) return { kind: 'id_text', start, end, key };
    return PLAIN_NUMBER.test(text.slice(start, end)) ? { kind: 'id_number', start, end, key } : undefined;
  }
  const kind = top === 'params' && path.length === 2 ? kindOf(key) : undefined;
  if (kind === undefined) return undefined;
  const fits = kind === 'unread_number' ? !isText && PLAIN_NUMBER.test(text.slice(start, end)) : isText;
  return fits ? { kind, start, end, key } : undefined;
}

const PLAIN_NUMBER = /^(0|[1-9]\d{0,14})$/;

function ascii(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}
