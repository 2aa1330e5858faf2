import { jobAsResult, settleWith, takeRequest } from '../conversation/answers';
import type { Conversation } from '../conversation/conversation';
import type { DialectRules, Evidence } from './dialect';
import { PLAIN_RULES } from './dialect';
import { plainDifficulty, startUnknown } from '../difficulty/difficulty';
import type { Direction } from '../events/stream';
import type { Fields, Message, RequestMessage, ResponseMessage } from '../message';
import { isFields, numberOf, textOf } from '../message';
import { loginRequest, submitterOf } from './login-frame';

/** Grin: CryptoNote's frame, all ids "0", answers that repeat the method, work in solutions. */
export const grin: DialectRules = {
  ...PLAIN_RULES,
  name: 'grin',
  shared: true,
  start: startUnknown,
  evidence,
  request,
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

/** Jobs are numbered anew at each height: a share names both. */
function request(message: RequestMessage, conversation: Conversation): boolean {
  const { id, method, params } = message;
  if (method !== 'submit' || !isFields(params)) return loginRequest(message, conversation);
  const height = textOf(params.height) ?? conversation.lastHeight;
  const { job_id: job } = params;
  conversation.submitAs(id, submitterOf(params, conversation), textOf(job), keyOf(job, height));
  return true;
}

function announcement({ id, method, params }: RequestMessage, conversation: Conversation): boolean {
  if (method !== 'job' || !isJob(params)) return false;
  const { job_id: job, difficulty } = params;
  conversation.lastHeight = textOf(params.height);
  const key = keyOf(job, conversation.lastHeight);
  conversation.notifyAt(id, textOf(job), plainDifficulty(numberOf(difficulty)), key);
  return true;
}

function keyOf(job: unknown, height: string | null): string | null {
  const name = textOf(job);
  return name === null || height === null ? name : `${height}/${name}`;
}

function answer(message: ResponseMessage, conversation: Conversation): void {
  const { id, fields } = message;
  const { result } = fields;
  if (isJob(result)) {
    const { job_id: job, difficulty } = result;
    conversation.lastHeight = textOf(result.height);
    const key = keyOf(job, conversation.lastHeight);
    jobAsResult(id, textOf(job), plainDifficulty(numberOf(difficulty)), conversation, key);
  } else {
    settleWith(takeRequest(message, conversation), id, fields, conversation);
  }
}
