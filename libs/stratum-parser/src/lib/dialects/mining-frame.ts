import type { Conversation } from '../conversation/conversation';
import type { DialectRules, Evidence } from './dialect';
import { PLAIN_RULES } from './dialect';
import type { Difficulty } from '../difficulty/difficulty';
import type { PlainPoolEvent } from '../events/announcements';
import type { PlainRequestEvent } from '../events/requests';
import type { Dialect, Direction } from '../events/stream';
import type { Message, MessageId, RequestMessage } from '../message';
import { element, isFields, numberOf, textOf } from '../message';
import { reportedHashrate } from './hashrate';
import { Secret } from '../secret';
import type { MissingDigits } from '../difficulty/target';
import { targetDifficulty } from '../difficulty/target';

type Params = readonly unknown[];

/** What sets one dialect of the frame apart from stratum1. */
export interface MiningDialect {
  readonly name: Dialect;
  /** Whether the parameters of `mining.notify` are a job of this dialect and of no other. */
  isJob(params: Params): boolean;
  /** Requests and announcements, other than jobs, that only this dialect has. */
  hint?(direction: Direction, message: RequestMessage): boolean;
  /** For jobs that carry their own difficulty. */
  readonly difficultyOf?: (params: Params, conversation: Conversation) => Difficulty;
  readonly start?: DialectRules['start'];
  /** Where `set_target` lacks its zeros when it is short. Default left. */
  readonly missingDigits?: MissingDigits;
}

/**
 * A dialect of the frame that Bitcoin's has founded: `mining.*` methods with parameters in an array,
 * `mining.submit` with worker and job in front. What differs is the shape of a job and where its
 * difficulty is.
 */
export function miningDialect(own: MiningDialect): DialectRules {
  const { name, difficultyOf, missingDigits = 'left' } = own;
  return {
    ...PLAIN_RULES,
    name,
    cheap: { submit: true, notify: difficultyOf === undefined, loginFrame: false },
    ...(own.start === undefined ? {} : { start: own.start }),
    evidence: (direction, message) => evidenceOf(own, direction, message),
    request: miningRequest,
    announcement: (message, conversation) => {
      const { id, method, params } = message;
      if (method === 'mining.notify') {
        const carriesOwn = difficultyOf !== undefined && Array.isArray(params) && own.isJob(params);
        if (carriesOwn) conversation.notifyAt(id, jobOf(params), difficultyOf(params, conversation));
        else conversation.notify(id, jobOf(params));
        return true;
      }
      return miningAnnouncement(message, conversation, {
        missingDigits,
        difficultyInJobs: difficultyOf !== undefined,
      });
    },
  };
}

function evidenceOf(own: MiningDialect, direction: Direction, message: Message): Evidence {
  if (message.type !== 'request') return 'none';
  const { method, params } = message;
  if (
    direction === 'to_downstream' &&
    method === 'mining.notify' &&
    Array.isArray(params) &&
    own.isJob(params)
  ) {
    return 'job';
  }
  return own.hint?.(direction, message) === true ? 'request' : 'none';
}

/** A miner's request in this frame; false for one that is not of it. */
export function miningRequest(message: RequestMessage, conversation: Conversation): boolean {
  const { id, method, params } = message;
  switch (method) {
    case 'mining.submit':
      conversation.submit(id, nameOf(params), textOf(element(params, 1)));
      return true;
    case 'mining.authorize':
      authorize(id, params, conversation);
      return true;
    case 'mining.subscribe':
      conversation.subscribe(id, agentOf(params));
      return true;
    case 'pong':
    case 'mining.pong':
      conversation.tell({ kind: 'pong', id });
      return true;
    default:
      return minorRequest(message, conversation);
  }
}

/** `["agent", …]`; an old draft of Zcash's has `["host", 3337, "agent", null]`. */
function agentOf(params: unknown): string | null {
  return textOf(element(params, typeof element(params, 1) === 'number' ? 2 : 0));
}

function authorize(id: MessageId, params: unknown, conversation: Conversation): void {
  const password = element(params, 1);
  conversation.authorize(id, nameOf(params) ?? '', { password: Secret.of(password), agent: null });
}

/** The worker that the first parameter names; null for an empty one and what is no text. */
function nameOf(params: unknown): string | null {
  const name = element(params, 0);
  return typeof name === 'string' ? textOf(name) : null;
}

function minorRequest({ id, method, params }: RequestMessage, conversation: Conversation): boolean {
  if (method.startsWith('mining.suggest_difficulty')) {
    // ckpool documents an old form with the value in the method: mining.suggest_difficulty(1024)
    const inMethod = /^mining\.suggest_difficulty\((.{1,40})\)$/.exec(method)?.[1];
    const value = numberOf(inMethod ?? element(params, 0));
    conversation.tell({ kind: 'suggest_difficulty', id, value });
    conversation.request('suggest_difficulty', id);
    return true;
  }
  if (HASHRATE.test(method)) {
    conversation.tell({ kind: 'hashrate', id, hashrate: reportedHashrate(element(params, 0)) });
    conversation.request('hashrate', id);
    return true;
  }
  const kind = REQUESTS.get(method);
  if (kind === undefined) return false;
  conversation.tell({ kind, id });
  conversation.request(kind, id);
  return true;
}

/** `mining.hashrate`, `mining.submit_hashrate`, `alph_submitHashrate`: told, answered rarely, never a share. */
const HASHRATE = /(^|[._]|submit)hashrate$/i;

const REQUESTS: ReadonlyMap<string, PlainRequestEvent['kind']> = new Map<string, PlainRequestEvent['kind']>([
  ['mining.configure', 'configure'],
  ['mining.extranonce.subscribe', 'extranonce_subscribe'],
  ['mining.suggest_target', 'suggest_target'],
  ['mining.get_transactions', 'get_transactions'],
]);

/** How a dialect of the frame announces difficulty. */
export interface Announcing {
  readonly missingDigits: MissingDigits;
  /** Jobs carry theirs, so that `set_difficulty` says nothing about shares. */
  readonly difficultyInJobs: boolean;
}

export const ANNOUNCED_BEFORE_JOBS: Announcing = { missingDigits: 'left', difficultyInJobs: false };
export const ANNOUNCED_IN_JOBS: Announcing = { missingDigits: 'left', difficultyInJobs: true };

/** A pool's message in this frame; false for one that is not of it. */
export function miningAnnouncement(
  message: RequestMessage,
  conversation: Conversation,
  { missingDigits, difficultyInJobs }: Announcing,
): boolean {
  const { id, method, params } = message;
  // Some servers leave the prefix out: Kaspa's set_extranonce, CKB's set_target.
  switch (method.startsWith('mining.') ? method.slice('mining.'.length) : method) {
    case 'notify':
      conversation.notify(id, jobOf(params));
      return true;
    case 'set_difficulty':
      setDifficulty(id, numberOf(element(params, 0)), difficultyInJobs, conversation);
      return true;
    case 'set_target':
      setTarget(id, element(params, 0), missingDigits, conversation);
      return true;
    case 'set_extranonce':
      setExtranonce(id, textOf(element(params, 0)), conversation);
      return true;
    case 'client.reconnect':
    case 'reconnect':
      reconnect(id, params, conversation);
      return true;
    default:
      return plainAnnouncement(message, conversation);
  }
}

function plainAnnouncement({ id, method }: RequestMessage, conversation: Conversation): boolean {
  const kind = ANNOUNCEMENTS.get(method);
  if (kind === undefined) return false;
  conversation.tell({ kind, id, notification: true });
  return true;
}

const ANNOUNCEMENTS: ReadonlyMap<string, PlainPoolEvent['kind']> = new Map<string, PlainPoolEvent['kind']>([
  ['client.show_message', 'show_message'],
  ['mining.print', 'show_message'],
  ['mining.ping', 'ping'],
  ['client.get_version', 'get_version'],
  ['mining.set_version_mask', 'set_version_mask'],
  ['mining.bye', 'bye'],
  ['mining.disconnect', 'bye'],
]);

/** The job that a notification names. */
export function jobOf(params: unknown): string | null {
  const job = Array.isArray(params) ? element(params, 0) : params;
  return isFields(job) ? (textOf(job.job_id) ?? textOf(job.jobId)) : textOf(element(params, 0));
}

function setDifficulty(
  id: MessageId,
  value: number | null,
  isInJobs: boolean,
  conversation: Conversation,
): void {
  const { difficulty } = conversation;
  if (isInJobs) difficulty.noteDifficulty(value);
  else difficulty.announceDifficulty(value);
  // public-pool: answers suggest_difficulty by the id of the announcement.
  const also = conversation.settlement.alsoAnswered('suggest_difficulty', id);
  const { hashes } = difficulty.next;
  conversation.tell({ kind: 'set_difficulty', id, notification: true, difficulty: value, hashes, ...also });
}

function setTarget(id: MessageId, target: unknown, missing: MissingDigits, conversation: Conversation): void {
  const difficulty =
    typeof target === 'number'
      ? conversation.difficulty.numericTarget(target)
      : targetDifficulty(target, missing);
  conversation.difficulty.announceTarget(difficulty);
  conversation.tell({ kind: 'set_target', id, notification: true, hashes: difficulty.hashes });
}

function setExtranonce(id: MessageId, extranonce: string | null, conversation: Conversation): void {
  // Kaspa, NiceHash: {"id":1,"method":"set_extranonce",...} answers the subscribe with id 1.
  const { settlement } = conversation;
  const also =
    settlement.alsoAnswered('subscribe', id) ?? settlement.alsoAnswered('extranonce_subscribe', id);
  conversation.tell({ kind: 'set_extranonce', id, notification: true, extranonce, ...also });
}

/** `[]`, `["host", 3333, wait]`, `["host", "3333"]`, `[null, null, wait]`; nested in one document. */
function reconnect(id: MessageId, params: unknown, conversation: Conversation): void {
  const first = element(params, 0);
  const target = Array.isArray(first) ? first : params;
  const [host, port] = isFields(target)
    ? [target.host, target.port]
    : [element(target, 0), element(target, 1)];
  conversation.tell({ kind: 'reconnect', id, notification: true, host: textOf(host), port: numberOf(port) });
}
