import { settleAnswer } from '../conversation/answers';
import type { Conversation } from '../conversation/conversation';
import type { DialectRules, Evidence } from './dialect';
import { PLAIN_RULES } from './dialect';
import type { Difficulty } from '../difficulty/difficulty';
import type { Dialect, Direction } from '../events/stream';
import type { Fields, Message, RequestMessage, ResponseMessage } from '../message';
import { element, isFields, textOf } from '../message';
import type { ShareVerdict } from '../conversation/outcome';
import { ACCEPTED, refusalOfRequest, verdictOf } from '../conversation/outcome';
import { ethstratum2Codes } from '../refusals/rejection-codes';
import { targetDifficulty } from '../difficulty/target';
import { saysVersion } from './ethstratum1';
import { ANNOUNCED_BEFORE_JOBS, miningAnnouncement, miningRequest } from './mining-frame';

/** The target as long as the pool has set none. */
const FIRST_TARGET: Difficulty = targetDifficulty('00000000ffff'.padEnd(64, '0'));

/** EthereumStratum/2.0.0 (EIP-1571): several workers per session, known by the pool's tokens. */
export const ethstratum2: DialectRules = {
  ...PLAIN_RULES,
  name: 'ethstratum2',
  start: () => FIRST_TARGET,
  evidence,
  request,
  announcement,
  answer,
};

function evidence(direction: Direction, message: Message, soFar: Dialect | null): Evidence {
  if (message.type !== 'request') return 'none';
  const { method, params } = message;
  if (direction === 'to_downstream') {
    if (method === 'mining.set') return isFields(params) ? 'request' : 'none';
    return method === 'mining.notify' && soFar === 'ethstratum2' && Array.isArray(params) ? 'job' : 'none';
  }
  if (method === 'mining.hello') return 'request';
  return method === 'mining.subscribe' && saysVersion(params, 2) ? 'request' : 'none';
}

function request(message: RequestMessage, conversation: Conversation): boolean {
  const { id, method, params } = message;
  switch (method) {
    case 'mining.hello':
      conversation.tell({
        kind: 'hello',
        id,
        agent: isFields(params) ? textOf(params.agent) : null,
        worker: null,
        login: null,
      });
      conversation.request('hello', id);
      return true;
    case 'mining.submit':
      // A resumed session may use tokens of an earlier one: those are all that is known of the worker then.
      conversation.submit(id, textOf(element(params, 2)), textOf(element(params, 0)));
      return true;
    default:
      return miningRequest(message, conversation);
  }
}

function announcement(message: RequestMessage, conversation: Conversation): boolean {
  const { method, params } = message;
  if (isFields(params)) {
    if (method === 'mining.set') return set(message, params, conversation);
    if (method === 'mining.reconnect') return reconnect(message, params, conversation);
  }
  return miningAnnouncement(message, conversation, ANNOUNCED_BEFORE_JOBS);
}

/** Only what changes is in it. */
function set({ id }: RequestMessage, changed: Fields, conversation: Conversation): boolean {
  const { target, extranonce } = changed;
  if (target !== undefined) {
    const difficulty = targetDifficulty(target);
    conversation.difficulty.announceTarget(difficulty);
    conversation.tell({ kind: 'set_target', id, notification: true, hashes: difficulty.hashes });
  } else if (extranonce !== undefined) {
    conversation.tell({ kind: 'set_extranonce', id, notification: true, extranonce: textOf(extranonce) });
  } else {
    conversation.tell({ kind: 'server_other', id, notification: true });
  }
  return true;
}

/** Numbers are hexadecimal in this dialect: port d80 is 3456. */
function reconnect({ id }: RequestMessage, { host, port }: Fields, conversation: Conversation): boolean {
  const digits = typeof port === 'string' && /^[0-9a-f]{1,4}$/i.test(port) ? Number.parseInt(port, 16) : null;
  const number = typeof port === 'number' ? port : digits;
  conversation.tell({ kind: 'reconnect', id, notification: true, host: textOf(host), port: number });
  return true;
}

function answer(message: ResponseMessage, conversation: Conversation): void {
  const settled = settleAnswer(message, conversation, verdict);
  const token = message.fields.result;
  if (settled?.login != null && typeof token === 'string') {
    conversation.logins.nameByToken(textOf(token) ?? '', settled.login);
  }
}

const SAYING = ['result', 'error', 'reject-reason', 'reject_reason', 'status', 'code', 'message', 'data'];

function verdict(fields: Fields): ShareVerdict {
  const refusal = refusalOfRequest(fields);
  const { code } = refusal ?? { code: null };
  if (refusal !== null && code !== null && code >= 200 && code < 300) {
    return { outcome: 'accepted', stale: true, refusal };
  }
  // An answer with nothing but its id is the usual yes.
  return SAYING.some((key) => Object.hasOwn(fields, key)) ? verdictOf(fields, ethstratum2Codes) : ACCEPTED;
}
