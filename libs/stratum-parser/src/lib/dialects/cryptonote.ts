import { jobAsResult, settleWith, takeRequest } from '../conversation/answers';
import type { Conversation } from '../conversation/conversation';
import type { DialectRules, Evidence } from './dialect';
import { PLAIN_RULES } from './dialect';
import type { Difficulty } from '../difficulty/difficulty';
import { startUnknown } from '../difficulty/difficulty';
import type { Direction } from '../events/stream';
import type { Fields, Message, RequestMessage, ResponseMessage } from '../message';
import { isFields, textOf } from '../message';
import { clip } from '../text';
import { cryptonoteDifficulty } from './cryptonote-target';
import { loginRequest } from './login-frame';

/** Monero and its kin; also Bytom and Arweave, which use the same frame. */
export const cryptonote: DialectRules = {
  ...PLAIN_RULES,
  name: 'cryptonote',
  cheap: { submit: false, notify: false, loginFrame: true },
  shared: true,
  start: startUnknown,
  evidence,
  request: loginRequest,
  announcement,
  answer,
};

function evidence(direction: Direction, message: Message): Evidence {
  if (message.type === 'response') {
    const { result } = message.fields;
    return isFields(result) && isJob(result.job) ? 'job' : 'none';
  }
  const { method, params, fields } = message;
  if (direction === 'to_downstream') return method === 'job' && isJob(params) ? 'job' : 'none';
  if (method === 'login') return isFields(params) && fields.api_key === undefined ? 'request' : 'none';
  if (method === 'submit') return isFields(params) ? 'words' : 'none';
  return method === 'keepalived' || method === 'getjob' ? 'words' : 'none';
}

function isJob(job: unknown): job is Fields {
  return isFields(job) && job.job_id !== undefined && job.pre_pow === undefined;
}

function announcement({ id, method, params }: RequestMessage, conversation: Conversation): boolean {
  if (method !== 'job' || !isJob(params)) return false;
  conversation.notifyAt(id, textOf(params.job_id), difficultyOf(params, conversation));
  return true;
}

/** A job without a target of its own is as hard as the one before. */
function difficultyOf(job: Fields, conversation: Conversation): Difficulty {
  if (typeof job.target === 'string') conversation.lastTarget = clip(job.target);
  return cryptonoteDifficulty(job) ?? conversation.difficulty.next;
}

/** The answer to a login brings the first job along, that to `getjob` is one. */
function answer(message: ResponseMessage, conversation: Conversation): void {
  const { id, fields } = message;
  const { result } = fields;
  if (isJob(result)) {
    jobAsResult(id, textOf(result.job_id), difficultyOf(result, conversation), conversation);
    return;
  }
  const request = takeRequest(message, conversation);
  settleWith(request, id, fields, conversation);
  if (!isFields(result)) return;
  if (request?.login != null) conversation.logins.nameByToken(textOf(result.id) ?? '', request.login);
  const { job } = result;
  if (isJob(job)) conversation.jobInAnswer(id, textOf(job.job_id), difficultyOf(job, conversation));
}
