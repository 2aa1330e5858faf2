import type { Conversation } from './conversation';
import type { Difficulty } from '../difficulty/difficulty';
import type { RequestKind } from '../events/requests';
import type { Fields, MessageId, ResponseMessage } from '../message';
import { isFields } from '../message';
import type { ShareVerdict } from './outcome';
import { refusalOfRequest, verdictOf } from './outcome';
import type { PendingRequest } from './pending-requests';
import { clip } from '../text';

/**
 * Matches an answer with its request and settles that. The same for all dialects but a few.
 * Returns the request; undefined for an orphan.
 */
export function settleAnswer(
  message: ResponseMessage,
  conversation: Conversation,
  readVerdict: (answer: Fields) => ShareVerdict = verdictOf,
): PendingRequest | undefined {
  const request = takeRequest(message, conversation);
  settleWith(request, message.id, message.fields, conversation, readVerdict);
  return request;
}

/** Settles a request that is already known with its answer. */
export function settleWith(
  request: PendingRequest | undefined,
  id: MessageId,
  fields: Fields,
  { settlement }: Conversation,
  readVerdict: (answer: Fields) => ShareVerdict = verdictOf,
): void {
  if (request === undefined) settlement.orphan(id, refusalOfRequest(fields));
  else if (request.share !== null)
    settlement.settleShare(request, request.share, id, verdictIn(fields, readVerdict));
  else settlement.settleRequest(request, id, refusalOfRequest(fields), statusOf(fields));
}

/**
 * What an answer says. Those that fit a template are one object with one id or another beside it, so that it is read once
 * for nearly all answers of a pool.
 */
function verdictIn(fields: Fields, readVerdict: (answer: Fields) => ShareVerdict): ShareVerdict {
  if (fields !== lastRead?.fields || readVerdict !== lastRead.readVerdict) {
    lastRead = { fields, readVerdict, verdict: readVerdict(fields) };
  }
  return lastRead.verdict;
}

let lastRead:
  | {
      readonly fields: Fields;
      readonly readVerdict: (answer: Fields) => ShareVerdict;
      readonly verdict: ShareVerdict;
    }
  | undefined;

/**
 * A job as a result: it answers a request for work with this id, if there is one, and is announced
 * otherwise. Never the answer to a share, whatever its id.
 */
export function jobAsResult(
  id: MessageId,
  job: string | null,
  difficulty: Difficulty,
  conversation: Conversation,
  key = job,
): void {
  const asked = conversation.pending.takeOf('getwork', id);
  if (asked === undefined) conversation.notifyAt(id, job, difficulty, key);
  else conversation.answerWithJob(asked, id, job, difficulty, key);
}

/** The request that a message answers: the oldest with its id, of the kind that it repeats if it does. */
export function takeRequest(
  { id, fields }: ResponseMessage,
  { pending }: Conversation,
): PendingRequest | undefined {
  const { method } = fields;
  if (typeof method !== 'string') return pending.take(id);
  // Grin gives all requests the id "0" and repeats the method in the answer.
  if (SUBMIT.test(method)) return pending.takeAmong(true, id);
  const [, kind] = KINDS.find(([pattern]) => pattern.test(method)) ?? [];
  if (kind === undefined) return pending.take(id);
  return pending.takeOf(kind, id) ?? pending.takeAmong(false, id);
}

const SUBMIT = /submit(work)?$|^solution$/i;
const KINDS: readonly (readonly [RegExp, RequestKind])[] = [
  [/login|authorize/i, 'authorize'],
  [/subscribe/i, 'subscribe'],
  [/keepalive/i, 'keepalive'],
  [/getjob|getwork/i, 'getwork'],
  [/hashrate/i, 'hashrate'],
  [/configure/i, 'configure'],
  [/hello/i, 'hello'],
  [/status/i, 'other_request'],
];

function statusOf({ result }: Fields): string | null {
  const status = isFields(result) ? result.status : undefined;
  return typeof status === 'string' ? clip(status) : null;
}
