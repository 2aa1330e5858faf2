import type { Conversation } from '../conversation/conversation';
import type { DialectRules } from './dialect';
import { PLAIN_RULES } from './dialect';
import { startUnknown } from '../difficulty/difficulty';
import type { RequestMessage } from '../message';
import { element, isFields, textOf } from '../message';
import { clip } from '../text';
import { ANNOUNCED_BEFORE_JOBS, jobOf, miningAnnouncement, miningRequest } from './mining-frame';

/** JSON lines of a dialect that nobody has listed: counted, never guessed at. */
export const json: DialectRules = {
  ...PLAIN_RULES,
  name: 'json',
  start: startUnknown,
  evidence: (_, message) => (message.type === 'request' ? 'any' : 'none'),
  request: (message, conversation) => {
    if (!miningRequest(message, conversation)) otherRequest(message, conversation);
    return true;
  },
  announcement: (message, conversation) => {
    if (!miningAnnouncement(message, conversation, ANNOUNCED_BEFORE_JOBS))
      otherAnnouncement(message, conversation);
    return true;
  },
};

function otherRequest({ id, method, params }: RequestMessage, conversation: Conversation): void {
  if (method === 'submit') {
    if (isFields(params)) conversation.submitNamed(id, textOf(params.worker), jobOf(params));
    else conversation.submit(id, textOf(element(params, 0)), textOf(element(params, 1)));
    return;
  }
  conversation.tell({ kind: 'other_request', id, method: isUsual(method) ? null : clip(method, 64) });
  conversation.request('other_request', id);
}

/** Requests that some dialect has and that are no work. */
function isUsual(method: string): boolean {
  return USUAL.test(method);
}

const USUAL =
  /^(mining\.(noop|multi_version|term|bye|ping|capabilities|keep_?alive|get_version|set_version_mask|suggest_\w+|extranonce\.\w+)|client\.\w+|noop|ping|bye|status)$/;

function otherAnnouncement({ id, method, params }: RequestMessage, conversation: Conversation): void {
  if (method === 'job') conversation.notify(id, jobOf(params));
  else conversation.tell({ kind: 'server_other', id, notification: true });
}
