import { settleAnswer, settleWith } from '../conversation/answers';
import type { Conversation } from '../conversation/conversation';
import type { DialectRules, Evidence } from './dialect';
import { PLAIN_RULES } from './dialect';
import { startUnknown } from '../difficulty/difficulty';
import type { Direction } from '../events/stream';
import { reportedHashrate } from './hashrate';
import type { Fields, Message, MessageId, RequestMessage, ResponseMessage } from '../message';
import { element, isFields, rigOf, textOf } from '../message';
import { refusalOfRequest } from '../conversation/outcome';
import type { PendingRequest } from '../conversation/pending-requests';
import { Secret } from '../secret';
import { isPrefixedHex } from './shape';
import { targetDifficulty } from '../difficulty/target';
import type { WorkerLogin } from '../conversation/worker-logins';

/** `eth_submitLogin`, `ctxc_getWork`: whatever the coin, the words mean what they end with. */
const METHOD = /^[a-z0-9]+_(submitlogin|login|getwork|submitwork|submithashrate)$/i;

/** What a method ends with, in lower case; undefined for one of another dialect. */
function verbOf(method: string): string | undefined {
  return METHOD.exec(method)?.[1]?.toLowerCase();
}

/** eth-proxy, "getwork over TCP": jobs are results, pushed or asked for. */
export const ethproxy: DialectRules = {
  ...PLAIN_RULES,
  name: 'ethproxy',
  shared: true,
  start: startUnknown,
  evidence,
  request,
  answer,
};

function evidence(direction: Direction, message: Message): Evidence {
  if (direction === 'to_downstream') {
    return message.type === 'response' && isJob(message.fields.result) ? 'job' : 'none';
  }
  if (message.type !== 'request') return 'none';
  const { method } = message;
  const verb = verbOf(method);
  if (isLogin(message, verb) || verb === 'getwork' || verb === 'submitwork') return 'request';
  // ProgPoW miners report their hashrate in the same words, Alephium's in their own.
  return verb === 'submithashrate' && !method.startsWith('alph_') ? 'words' : 'none';
}

function isLogin({ method, params }: RequestMessage, verb: string | undefined): boolean {
  if (method === 'login') return Array.isArray(params);
  return verb === 'submitlogin' || verb === 'login';
}

function request(message: RequestMessage, conversation: Conversation): boolean {
  const { id, method, params } = message;
  const verb = verbOf(method);
  if (isLogin(message, verb)) {
    login(message, conversation);
    return true;
  }
  switch (verb) {
    case 'submitwork':
      conversation.submitAs(id, submitterOf(message.fields, conversation), jobKey(element(params, 1)));
      return true;
    case 'getwork':
      conversation.tell({ kind: 'getwork', id });
      conversation.request('getwork', id);
      return true;
    case 'submithashrate':
      conversation.tell({ kind: 'hashrate', id, hashrate: reportedHashrate(element(params, 0)) });
      conversation.request('hashrate', id);
      return true;
    default:
      return false;
  }
}

/** The rig stands beside the login; btcpool joins the two, and so do we. */
function login({ id, params, fields }: RequestMessage, conversation: Conversation): void {
  const text = textOf(element(params, 0)) ?? '';
  conversation.authorize(
    id,
    text,
    { password: Secret.of(element(params, 1)), agent: null },
    rigOf(fields.worker),
  );
}

/** Submits name the rig at most: one without a login before it says nothing about who is paid. */
function submitterOf({ worker }: Fields, { logins }: Conversation): WorkerLogin | undefined {
  const rig = rigOf(worker);
  const { last } = logins;
  if (rig === null || last === undefined || last.login.rig === rig) return last;
  const { text, rig: ofLogin } = last.login;
  // Some logins have the rig behind the dot already, and submits say it again.
  return ofLogin === null && text.endsWith(`.${rig}`) ? last : logins.named(text, rig);
}

/** `["0x<header>", "0x<seed>", "0x<boundary>", "0x<height>"]` */
function isJob(result: unknown): result is readonly unknown[] {
  if (!Array.isArray(result) || result.length < 3) return false;
  return [0, 1, 2].every((at) => isPrefixedHex(result[at], 1, 64));
}

/** A job is known by its header, however that is spelled. */
function jobKey(header: unknown): string | null {
  return textOf(header)?.toLowerCase().replace(/^0x/, '') ?? null;
}

function answer(message: ResponseMessage, conversation: Conversation): void {
  const { id, fields } = message;
  const { result } = fields;
  if (isJob(result)) {
    const job = jobKey(result[0]);
    const difficulty = targetDifficulty(result[2]);
    const asked = askedForWork(id, conversation);
    if (asked === undefined) conversation.notifyAt(id, job, difficulty);
    else conversation.answerWithJob(asked, id, job, difficulty);
    return;
  }
  // ethermine refuses a login with the id 999.
  const isStrayRefusal = id === 999 && isFields(fields.error) && refusalOfRequest(fields) !== null;
  if (!isStrayRefusal) {
    settleAnswer(message, conversation);
    return;
  }
  const { pending } = conversation;
  settleWith(pending.take(id) ?? pending.takeKind('authorize'), id, fields, conversation);
}

/** Many pools push with id 0, and answer a request for work by their next push. */
function askedForWork(id: MessageId, { pending }: Conversation): PendingRequest | undefined {
  const isPush = id === null || id === undefined || id === 0;
  return pending.takeOf('getwork', id) ?? (isPush ? pending.takeKind('getwork') : undefined);
}
