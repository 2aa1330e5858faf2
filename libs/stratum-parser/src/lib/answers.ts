import type { Conversation } from './conversation';
import type { Fields, ResponseMessage } from './message';
import { isFields } from './message';
import type { ShareVerdict } from './outcome';
import { refusalOfRequest, verdictOf } from './outcome';
import { clip } from './text';

/** Matches an answer with its request and settles that. The same for all dialects but a few. */
export function settleAnswer(
  { id, fields }: ResponseMessage,
  conversation: Conversation,
  readVerdict: (answer: Fields) => ShareVerdict = verdictOf,
): void {
  const request = conversation.pending.take(id);
  if (request === undefined) {
    conversation.orphan(id, refusalOfRequest(fields));
    return;
  }
  if (request.share !== null) conversation.settle(request, request.share, id, readVerdict(fields));
  else conversation.answer(request, id, refusalOfRequest(fields), statusOf(fields));
}

function statusOf({ result }: Fields): string | null {
  const status = isFields(result) ? result.status : undefined;
  return typeof status === 'string' ? clip(status) : null;
}
