/** What identifies a request on the wire; miners and pools use all of these. */
export type MessageId = string | number | null;

export interface Request {
  readonly kind: 'request';
  readonly id: MessageId;
  readonly method: string;
  /** Empty when the params are not an array. */
  readonly params: readonly unknown[];
  /** Set when the params are an object (CryptoNote). */
  readonly named?: Readonly<Record<string, unknown>> | undefined;
  /** A member beside the params (eth-proxy). */
  readonly worker?: unknown;
}

export interface Answer {
  readonly kind: 'answer';
  readonly id: MessageId;
  readonly result: unknown;
  readonly error: unknown;
  /** Where some eth-proxy pools put the reason of a refusal. */
  readonly data?: unknown;
}

/**
 * One line as a message, or undefined when it is neither. Deliberately not the parser's own
 * reading: the simulator's tally has to be able to contradict it.
 */
export function readMessage(line: string): Request | Answer | undefined {
  const value = parseObject(line);
  if (value === undefined) return undefined;
  const id = readId(value.id);
  const { method, params, worker, data } = value;
  if (typeof method === 'string') {
    if (Array.isArray(params)) return { kind: 'request', id, method, params: params as unknown[], worker };
    return { kind: 'request', id, method, params: [], named: asRecord(params), worker };
  }
  if (!('result' in value) && !('error' in value)) return undefined;
  return { kind: 'answer', id, result: value.result, error: value.error, data };
}

/** The value as an object with members, or undefined when it is none. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return value as Record<string, unknown>;
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function readId(id: unknown): MessageId {
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** Any message as the line that carries it. */
export function line(message: object): string {
  return `${JSON.stringify(message)}\n`;
}

export function notification(method: string, params: readonly unknown[]): string {
  return line({ id: null, method, params });
}

export function request(id: MessageId, method: string, params: readonly unknown[]): string {
  return line({ id, method, params });
}

export function answer(id: MessageId, result: unknown): string {
  return line({ id, result, error: null });
}

/** `[code, text, traceback]`, the oldest and still commonest shape of a refusal. */
export function refusal(id: MessageId, code: number, text: string, result: null | false = null): string {
  return line({ id, result, error: [code, text, null] });
}
