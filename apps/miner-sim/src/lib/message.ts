/** What identifies a request on the wire; miners and pools use all of these. */
export type MessageId = string | number | null;

export interface Request {
  readonly kind: 'request';
  readonly id: MessageId;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface Answer {
  readonly kind: 'answer';
  readonly id: MessageId;
  readonly result: unknown;
  readonly error: unknown;
}

/**
 * One line as a message, or undefined when it is neither. Deliberately not the parser's own
 * reading: the simulator's tally has to be able to contradict it.
 */
export function readMessage(line: string): Request | Answer | undefined {
  const value = parseObject(line);
  if (value === undefined) return undefined;
  const id = readId(value.id);
  const method = value.method;
  if (typeof method === 'string') {
    const params: unknown = value.params;
    return { kind: 'request', id, method, params: Array.isArray(params) ? (params as unknown[]) : [] };
  }
  if (!('result' in value) && !('error' in value)) return undefined;
  return { kind: 'answer', id, result: value.result, error: value.error };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as Record<string, unknown>;
}

function readId(id: unknown): MessageId {
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

export function notification(method: string, params: readonly unknown[]): string {
  return `${JSON.stringify({ id: null, method, params })}\n`;
}

export function request(id: MessageId, method: string, params: readonly unknown[]): string {
  return `${JSON.stringify({ id, method, params })}\n`;
}

export function answer(id: MessageId, result: unknown): string {
  return `${JSON.stringify({ id, result, error: null })}\n`;
}

/** `[code, text, traceback]`, the oldest and still commonest shape of a refusal. */
export function refusal(id: MessageId, code: number, text: string, result: null | false = null): string {
  return `${JSON.stringify({ id, result, error: [code, text, null] })}\n`;
}
