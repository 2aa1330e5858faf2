import { settleAnswer } from '../answers';
import type { Conversation } from '../conversation';
import type { DialectRules, Evidence } from '../dialect';
import type { Direction, MessageId, PlainPoolEvent, PlainRequestEvent } from '../events';
import type { Message, RequestMessage } from '../message';
import { element, isFields, numberOf, textOf } from '../message';
import { Secret } from '../secret';

/** Bitcoin's dialect and that of every coin that copied it; also how unlisted shapes are read. */
export const stratum1: DialectRules = {
  name: 'stratum1',
  cheap: { submit: true, notify: true },
  evidence,
  request,
  announcement,
  answer: settleAnswer,
};

function evidence(direction: Direction, message: Message): Evidence {
  if (message.type !== 'request' || !message.method.startsWith('mining.')) return 'none';
  const announcesJob = direction === 'to_downstream' && message.method === 'mining.notify';
  return announcesJob && isJob(message.params) ? 'job' : 'words';
}

/** job, prevhash, coinb1, coinb2, branches, version, nbits, ntime, clean */
function isJob(params: unknown): boolean {
  if (!Array.isArray(params) || params.length < 9 || !Array.isArray(params[4])) return false;
  const previous: unknown = params[1];
  return typeof previous === 'string' && /^[0-9a-f]{64}$/i.test(previous);
}

function request(message: RequestMessage, conversation: Conversation): void {
  const { id, method, params } = message;
  switch (method) {
    case 'mining.submit':
      conversation.submit(id, nameOf(params), textOf(element(params, 1)));
      return;
    case 'mining.authorize':
      authorize(id, params, conversation);
      return;
    case 'mining.subscribe':
      conversation.tell({ kind: 'subscribe', id, agent: textOf(element(params, 0)), worker: null });
      conversation.request('subscribe', id);
      return;
    case 'pong':
    case 'mining.pong':
      conversation.tell({ kind: 'pong', id });
      return;
    default:
      otherRequest(message, conversation);
  }
}

function authorize(id: MessageId, params: unknown, conversation: Conversation): void {
  const password = element(params, 1);
  conversation.authorize(id, nameOf(params) ?? '', {
    password: typeof password === 'string' ? new Secret(password) : null,
    agent: null,
  });
}

/** The worker that the first parameter names; null for an empty one and what is no text. */
function nameOf(params: unknown): string | null {
  const name = element(params, 0);
  return typeof name === 'string' ? textOf(name) : null;
}

function otherRequest({ id, method, params }: RequestMessage, conversation: Conversation): void {
  if (method.startsWith('mining.suggest_difficulty')) {
    // ckpool documents an old form with the value in the method: mining.suggest_difficulty(1024)
    const inMethod = /^mining\.suggest_difficulty\((.{1,40})\)$/.exec(method)?.[1];
    const value = numberOf(inMethod ?? element(params, 0));
    conversation.tell({ kind: 'suggest_difficulty', id, value });
    conversation.request('suggest_difficulty', id);
    return;
  }
  const kind = REQUESTS.get(method) ?? 'other_request';
  conversation.tell({ kind, id });
  conversation.request(kind, id);
}

const REQUESTS: ReadonlyMap<string, PlainRequestEvent['kind']> = new Map<string, PlainRequestEvent['kind']>([
  ['mining.configure', 'configure'],
  ['mining.extranonce.subscribe', 'extranonce_subscribe'],
  ['mining.suggest_target', 'suggest_target'],
  ['mining.get_transactions', 'get_transactions'],
]);

function announcement(message: RequestMessage, conversation: Conversation): void {
  const { id, method, params } = message;
  switch (method) {
    case 'mining.notify':
      conversation.notify(id, jobOf(params));
      return;
    case 'mining.set_difficulty':
      setDifficulty(id, numberOf(element(params, 0)), conversation);
      return;
    case 'mining.set_extranonce':
    case 'set_extranonce':
      setExtranonce(id, textOf(element(params, 0)), conversation);
      return;
    case 'client.reconnect':
      reconnect(id, params, conversation);
      return;
    default:
      conversation.tell({ kind: ANNOUNCEMENTS.get(method) ?? 'server_other', id, notification: true });
  }
}

const ANNOUNCEMENTS: ReadonlyMap<string, PlainPoolEvent['kind']> = new Map<string, PlainPoolEvent['kind']>([
  ['client.show_message', 'show_message'],
  ['mining.ping', 'ping'],
  ['client.get_version', 'get_version'],
  ['mining.set_version_mask', 'set_version_mask'],
  ['mining.bye', 'bye'],
]);

function jobOf(params: unknown): string | null {
  if (isFields(params)) return textOf(params.job_id) ?? textOf(params.jobId);
  return textOf(element(params, 0));
}

function setDifficulty(id: MessageId, value: number | null, conversation: Conversation): void {
  conversation.announceDifficulty(value);
  // public-pool: answers suggest_difficulty by the id of the announcement.
  const also = conversation.alsoAnswered('suggest_difficulty', id);
  const { hashes } = conversation.nextDifficulty;
  conversation.tell({ kind: 'set_difficulty', id, notification: true, difficulty: value, hashes, ...also });
}

function setExtranonce(id: MessageId, extranonce: string | null, conversation: Conversation): void {
  // Kaspa, NiceHash: {"id":1,"method":"set_extranonce",...} answers the subscribe with id 1.
  const also =
    conversation.alsoAnswered('subscribe', id) ?? conversation.alsoAnswered('extranonce_subscribe', id);
  conversation.tell({ kind: 'set_extranonce', id, notification: true, extranonce, ...also });
}

/** `[]`, `["host", 3333, wait]`, `["host", "3333"]`, `[null, null, wait]`; nested in one document. */
function reconnect(id: MessageId, params: unknown, conversation: Conversation): void {
  const first = element(params, 0);
  const target = Array.isArray(first) ? first : params;
  conversation.tell({
    kind: 'reconnect',
    id,
    notification: true,
    host: textOf(element(target, 0)),
    port: numberOf(element(target, 1)),
  });
}
