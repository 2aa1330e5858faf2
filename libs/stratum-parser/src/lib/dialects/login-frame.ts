import type { Conversation } from '../conversation/conversation';
import type { PlainRequestEvent } from '../events/requests';
import type { Fields, RequestMessage } from '../message';
import { isFields, rigOf, textOf } from '../message';
import { Secret } from '../secret';
import type { WorkerLogin } from '../conversation/worker-logins';

/**
 * The requests of the frame that CryptoNote has founded and Grin uses: `login`, `submit` and a few
 * more, with parameters in an object. False for one that is not of it.
 */
export function loginRequest(
  { id, method, params, fields }: RequestMessage,
  conversation: Conversation,
): boolean {
  const kind = REQUESTS.get(method);
  if (kind !== undefined) {
    conversation.tell({ kind, id });
    conversation.request(kind, id);
    return true;
  }
  if (!isFields(params) || fields.api_key !== undefined) return false;
  if (method === 'login') {
    const told = { password: Secret.of(params.pass), agent: textOf(params.agent) };
    const rig = rigOf(params.rigid ?? params['rig-id'] ?? params.rig_id);
    conversation.authorize(id, textOf(params.login) ?? '', told, rig);
    return true;
  }
  if (method !== 'submit') return false;
  conversation.submitAs(id, submitterOf(params, conversation), textOf(params.job_id));
  return true;
}

/** A submit names its session as the pool named it in the answer to the login. */
export function submitterOf({ id }: Fields, { logins }: Conversation): WorkerLogin | undefined {
  return logins.findByToken(textOf(id) ?? '') ?? logins.last;
}

const REQUESTS: ReadonlyMap<string, PlainRequestEvent['kind']> = new Map<string, PlainRequestEvent['kind']>([
  ['keepalived', 'keepalive'],
  ['keepalive', 'keepalive'],
  ['getjob', 'getwork'],
  ['getwork', 'getwork'],
  ['getjobtemplate', 'getwork'],
]);
