import { jobAsResult, settleWith, takeRequest } from '../answers';
import type { Conversation } from '../conversation';
import type { DialectRules, Evidence } from '../dialect';
import { PLAIN_RULES } from '../dialect';
import { plainDifficulty, startUnknown } from '../difficulty';
import type { Direction } from '../events';
import type { Fields, Message, RequestMessage, ResponseMessage } from '../message';
import { isFields, numberOf, textOf } from '../message';
import { loginRequest } from './login-frame';

/** Grin: CryptoNote's frame, all ids "0", answers that repeat the method, work in solutions. */
export const grin: DialectRules = {
  ...PLAIN_RULES,
  name: 'grin',
  shared: true,
  start: startUnknown,
  evidence,
  request: loginRequest,
  announcement,
  answer,
};

function evidence(direction: Direction, message: Message): Evidence {
  if (message.type === 'response') return isJob(message.fields.result) ? 'job' : 'none';
  if (direction === 'to_downstream')
    return message.method === 'job' && isJob(message.params) ? 'job' : 'none';
  return message.method === 'getjobtemplate' ? 'words' : 'none';
}

function isJob(job: unknown): job is Fields {
  return isFields(job) && job.pre_pow !== undefined;
}

function announcement({ id, method, params }: RequestMessage, conversation: Conversation): boolean {
  if (method !== 'job' || !isJob(params)) return false;
  conversation.notifyAt(id, textOf(params.job_id), plainDifficulty(numberOf(params.difficulty)));
  return true;
}

function answer(message: ResponseMessage, conversation: Conversation): void {
  const { id, fields } = message;
  const { result } = fields;
  if (isJob(result)) {
    jobAsResult(id, textOf(result.job_id), plainDifficulty(numberOf(result.difficulty)), conversation);
  } else {
    settleWith(takeRequest(message, conversation), id, fields, conversation);
  }
}
