import type { Conversation } from '../conversation/conversation';
import type { DialectRules, Evidence } from './dialect';
import { PLAIN_RULES } from './dialect';
import { startUnknown } from '../difficulty/difficulty';
import type { Direction } from '../events/stream';
import { settleWith } from '../conversation/answers';
import type { Fields, Message, MessageId, RequestMessage, ResponseMessage } from '../message';
import { isFields, readId, rigOf, textOf } from '../message';
import type { ShareVerdict } from '../conversation/outcome';
import { ACCEPTED, rejectedBy, verdictOf } from '../conversation/outcome';
import { targetDifficulty } from '../difficulty/target';

/** Iron Fish: `body` instead of `params`, and each side counts ids of its own. */
export const ironfish: DialectRules = {
  ...PLAIN_RULES,
  name: 'ironfish',
  start: startUnknown,
  evidence,
  request,
  announcement,
  answer,
};

function evidence(direction: Direction, message: Message): Evidence {
  if (message.type !== 'request' || !message.method.startsWith('mining.')) return 'none';
  if (!isFields(message.fields.body)) return 'none';
  return direction === 'to_downstream' && message.method === 'mining.notify' ? 'job' : 'request';
}

function request({ id, method, fields }: RequestMessage, conversation: Conversation): boolean {
  const body = bodyOf(fields);
  if (method === 'mining.subscribe') {
    const { agent, publicAddress, name } = body;
    conversation.subscribe(id, textOf(agent), textOf(publicAddress), rigOf(name));
    return true;
  }
  if (method !== 'mining.submit') return false;
  conversation.submit(id, null, textOf(body.miningRequestId));
  return true;
}

function announcement({ id, method, fields }: RequestMessage, conversation: Conversation): boolean {
  const body = bodyOf(fields);
  switch (method) {
    case 'mining.subscribed':
      settleWith(conversation.pending.takeKind('subscribe'), id, NOTHING, conversation);
      return true;
    case 'mining.submitted':
      submitted(body, conversation);
      return true;
    case 'mining.notify':
      conversation.notify(id, textOf(body.miningRequestId));
      return true;
    case 'mining.set_target': {
      const difficulty = targetDifficulty(body.target);
      conversation.difficulty.announceTarget(difficulty);
      conversation.tell({ kind: 'set_target', id, notification: true, hashes: difficulty.hashes });
      return true;
    }
    case 'mining.disconnect':
      conversation.tell({ kind: 'bye', id, notification: true });
      return true;
    default:
      return false;
  }
}

/** `body.id` is the miner's request. */
function submitted(body: Fields, conversation: Conversation): void {
  const id = readId(body.id);
  settleWith(conversation.pending.takeAmong(true, id), id, body, conversation, verdict);
}

function verdict(body: Fields): ShareVerdict {
  if (body.result === true) return ACCEPTED;
  return rejectedBy({ code: null, message: textOf(body.message) });
}

/** `error.id` is the miner's request. */
function answer({ fields }: ResponseMessage, conversation: Conversation): void {
  const id: MessageId = isFields(fields.error) ? readId(fields.error.id) : undefined;
  settleWith(conversation.pending.take(id), id, fields, conversation, verdictOf);
}

function bodyOf({ body }: Fields): Fields {
  return isFields(body) ? body : NOTHING;
}

const NOTHING: Fields = {};
