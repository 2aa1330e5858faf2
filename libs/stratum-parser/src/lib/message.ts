import type { MalformedReason } from './events/stream';
import { clip } from './text';

/** The members of a JSON object, of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** The id of a message as JSON has it; `undefined` where there is none. Arrays and objects count as null. */
export type MessageId = string | number | boolean | null | undefined;

/** A message with a method: a request or, from the pool, an announcement. */
export interface RequestMessage {
  readonly type: 'request';
  readonly id: MessageId;
  readonly method: string;
  readonly params: unknown;
  readonly fields: Fields;
}

/** An answer: no method, but an id, a result or an error. Some pools repeat the method in it. */
export interface ResponseMessage {
  readonly type: 'response';
  readonly id: MessageId;
  readonly fields: Fields;
}

/** What a line of a Stratum dialect says; `readMessage` makes it. */
export type Message = RequestMessage | ResponseMessage;

/** What one parsed value says: a message, or why it is none. */
export function readMessage(value: unknown): Message | MalformedReason {
  if (!isFields(value)) return 'not_object';
  const { method, params } = value;
  const id = readId(value.id);
  if (typeof method !== 'string') {
    if (method !== undefined && method !== null) return 'bad_method';
    const answers = id !== undefined || value.result !== undefined || value.error !== undefined;
    return answers ? { type: 'response', id, fields: value } : 'unknown_shape';
  }
  // Some pools repeat the method in the answer.
  const answers = isSet(value.result) || isSet(value.error);
  if (answers && !isSet(params)) return { type: 'response', id, fields: value };
  return { type: 'request', id, method, params, fields: value };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** A text that is there and not empty, cut to a bounded length; numbers count as their digits. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : clip(value);
  return typeof value === 'number' ? String(value) : null;
}

/** A rig from a field of its own; null where it is left out, also by a constant that miners put there. */
export function rigOf(value: unknown): string | null {
  const rig = textOf(value);
  return rig === null || NO_RIG.test(rig) ? null : rig;
}

/** What Claymore's miner, and those that copied it, send where nobody named the rig. */
const NO_RIG = /^eth1\.0$/i;

/** A number, or a text that spells one; null for everything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return null;
  return Number(value);
}

/** The element of an array, undefined for everything that is none. */
export function element(value: unknown, index: number): unknown {
  return isList(value) ? value[index] : undefined;
}

/** An id as a key: texts are cut, arrays and objects count as null. */
export function readId(id: unknown): MessageId {
  if (typeof id === 'string') return clip(id);
  if (typeof id === 'object') return null;
  return id as MessageId;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
