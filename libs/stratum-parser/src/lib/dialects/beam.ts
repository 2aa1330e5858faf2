import type { Conversation } from '../conversation/conversation';
import type { DialectRules, Evidence } from './dialect';
import { PLAIN_RULES } from './dialect';
import type { Difficulty } from '../difficulty/difficulty';
import { plainDifficulty, startUnknown, UNKNOWN_DIFFICULTY } from '../difficulty/difficulty';
import type { Direction } from '../events/stream';
import type { Fields, Message, RequestMessage } from '../message';
import { numberOf, textOf } from '../message';
import type { Refusal, ShareVerdict } from '../conversation/outcome';
import { NO_REFUSAL, rejectedBy, UNKNOWN } from '../conversation/outcome';
import { beamCodes } from '../refusals/rejection-codes';

/** Beam: all fields at the top, the id of a solution is its job's, answers have the method `result`. */
export const beam: DialectRules = {
  ...PLAIN_RULES,
  name: 'beam',
  shared: true,
  start: startUnknown,
  evidence,
  request,
  announcement,
};

function evidence(direction: Direction, message: Message): Evidence {
  if (message.type !== 'request') return 'none';
  const { method, fields } = message;
  if (direction === 'to_downstream')
    return method === 'job' && typeof fields.input === 'string' ? 'job' : 'none';
  if (method === 'login' && fields.api_key !== undefined) return 'request';
  return method === 'solution' ? 'words' : 'none';
}

function request({ id, method, fields }: RequestMessage, conversation: Conversation): boolean {
  if (method === 'login' && fields.api_key !== undefined) {
    conversation.authorize(id, textOf(fields.api_key) ?? '', { password: null, agent: null });
    return true;
  }
  if (method !== 'solution') return false;
  conversation.submit(id, null, textOf(id));
  return true;
}

function announcement({ id, method, fields }: RequestMessage, conversation: Conversation): boolean {
  if (method === 'job' && typeof fields.input === 'string') {
    conversation.notifyAt(id, textOf(id), unpacked(numberOf(fields.difficulty)));
    return true;
  }
  if (method === 'cancel') {
    conversation.tell({ kind: 'cancel', id, notification: true });
    return true;
  }
  if (method !== 'result') return false;
  result(id, fields, conversation);
  return true;
}

/** 8 bits of exponent, 24 of mantissa with its leading one left out. */
function unpacked(packed: number | null): Difficulty {
  if (packed === null || !Number.isInteger(packed) || packed < 0 || packed >= 2 ** 32)
    return UNKNOWN_DIFFICULTY;
  return plainDifficulty((2 ** 24 + (packed & 0xffffff)) * 2 ** ((packed >>> 24) - 24));
}

function result(id: RequestMessage['id'], fields: Fields, { pending, settlement }: Conversation): void {
  const said: Refusal = { code: numberOf(fields.code), message: textOf(fields.description) };
  const request = pending.take(id);
  const isGranted = said.code === 0 || said.code === 1;
  if (request === undefined) settlement.orphan(id, said);
  else if (request.share !== null) settlement.settleShare(request, request.share, id, verdict(said));
  else settlement.settleRequest(request, id, isGranted ? null : said, null, said);
}

function verdict(said: Refusal): ShareVerdict {
  if (said.code === 1) return { outcome: 'accepted', stale: false, refusal: said };
  if (said.code === null && said.message === null) return { ...UNKNOWN, refusal: NO_REFUSAL };
  return rejectedBy(said, beamCodes);
}
