import type { RejectionReason } from './refusals/reasons';
import type { Secret } from './secret';

/** Which way bytes go: `to_upstream` from the miner to the pool, `to_downstream` back. */
export type Direction = 'to_upstream' | 'to_downstream';

/** Takes the facts of one session, in the order in which they were seen. May keep the events. */
export interface StratumEventSink {
  push(event: StratumEvent): void;
}

/**
 * What a session speaks. `json`: lines of JSON of no dialect that is known; `opaque`: bytes of no protocol
 * that is known.
 */
export type Dialect =
  | 'stratum1'
  | 'ethstratum0'
  | 'ethstratum1'
  | 'ethstratum2'
  | 'ethproxy'
  | 'cryptonote'
  | 'zcash'
  | 'kawpow'
  | 'kaspa'
  | 'ergo'
  | 'conflux'
  | 'alephium'
  | 'ckb'
  | 'sia'
  | 'handshake'
  | 'ironfish'
  | 'xelis'
  | 'beam'
  | 'grin'
  | 'json'
  | 'btcagent'
  | 'http'
  | 'tls'
  | 'stratum2'
  | 'opaque';

/** The id of a message as JSON has it; `undefined` where there is none. Arrays and objects count as null. */
export type MessageId = string | number | boolean | null | undefined;

/** What a miner asks for. Everything without a name of its own is `other_request`. */
export type RequestKind =
  | 'submit'
  | 'subscribe'
  | 'hello'
  | 'authorize'
  | 'configure'
  | 'suggest_difficulty'
  | 'suggest_target'
  | 'extranonce_subscribe'
  | 'hashrate'
  | 'getwork'
  | 'keepalive'
  | 'get_transactions'
  | 'other_request';

/**
 * Who logs in: the text as it came (cut at 256 characters), and the rig, where the dialect has it in a field of
 * its own. The same login of a session is always the same object, for the first 1,000 of them.
 */
export interface Login {
  readonly text: string;
  readonly rig: string | null;
}

/**
 * One submit. The same object is in the `submit` event and in the event that settles it, so
 * that it can serve as a key. Names and jobs are cut at 256 characters.
 */
export interface Share {
  /** The text of the login, and its rig behind a dot where it has one; null where there is nobody. */
  readonly worker: string | null;
  /** The login that this name is, or would be if it had logged in; null where there is nobody. */
  readonly login: Login | null;
  /** Whether the pool had let this worker in on this session when the share was submitted. */
  readonly authorized: boolean;
  readonly job: string | null;
  /** As announced, frozen with the job; null where it is unknown or the dialect has targets only. */
  readonly difficulty: number | null;
  /** Hashes that a share of this job is expected to take; null where unknown. */
  readonly hashes: number | null;
}

/** A miner's share is on its way to the pool. */
export interface SubmitEvent {
  readonly kind: 'submit';
  readonly id: MessageId;
  readonly share: Share;
}

/** A share that no answer will settle any more: the session closed, or 1,000 requests came after it. */
export interface UnansweredEvent {
  readonly kind: 'unanswered';
  readonly id: MessageId;
  readonly share: Share;
  readonly cause: 'closed' | 'evicted';
}

interface Answer {
  readonly kind: 'response';
  readonly id: MessageId;
  /** The pool's own words, cut at 256 characters; untrusted text. */
  readonly message: string | null;
  readonly code: number | null;
}

interface ShareAnswer extends Answer {
  readonly to: 'submit';
  readonly share: Share;
  /** From the chunk with the end of the request to the chunk with the end of the answer. */
  readonly latencyMs: number;
}

/** The pool took the share. */
export interface AcceptedEvent extends ShareAnswer {
  readonly outcome: 'accepted';
  /** Accepted, but flagged as stale by the pool. */
  readonly stale: boolean;
}

/** The pool refused the share. */
export interface RejectedEvent extends ShareAnswer {
  readonly outcome: 'rejected';
  readonly reason: RejectionReason;
}

/** An answer that nobody can read: neither accepted nor rejected. */
export interface UnknownOutcomeEvent extends ShareAnswer {
  readonly outcome: 'unknown';
}

/** The answer to a request that was not a submit. Never a share. */
export interface RequestAnsweredEvent extends Answer {
  readonly to: Exclude<RequestKind, 'submit'>;
  readonly outcome: 'ok' | 'error';
  readonly reason: RejectionReason | null;
  /** Whom an `authorize` was for; null for other requests. */
  readonly worker: string | null;
  readonly login: Login | null;
  /** `result.status` where the answer has one. */
  readonly status: string | null;
  readonly latencyMs: number;
}

/** An answer to nothing that is pending. */
export interface OrphanEvent extends Answer {
  readonly to: null;
  readonly outcome: 'orphan';
}

/** An answer of the pool, told apart by `to` and `outcome`. */
export type ResponseEvent =
  AcceptedEvent | RejectedEvent | UnknownOutcomeEvent | RequestAnsweredEvent | OrphanEvent;

interface Request<K extends RequestKind> {
  readonly kind: K;
  readonly id: MessageId;
}

/** The miner opens the conversation, before or instead of a login. */
export interface SubscribeEvent extends Request<'subscribe' | 'hello'> {
  readonly agent: string | null;
  /** Dialects that log in with the subscription name the worker here; null in others. */
  readonly worker: string | null;
  readonly login: Login | null;
}

/** The miner logs a worker in; whether the pool lets it is in the answer. */
export interface AuthorizeEvent extends Request<'authorize'> {
  /** As in a share; empty for a login without a name. */
  readonly worker: string;
  readonly login: Login;
  readonly password: Secret | null;
  readonly agent: string | null;
}

/** The miner asks for a difficulty; null for what is no number. */
export interface SuggestDifficultyEvent extends Request<'suggest_difficulty'> {
  readonly value: number | null;
}

/** The miner reports its own hashrate, in hashes per second: a claim, null where it cannot be read. */
export interface HashrateEvent extends Request<'hashrate'> {
  readonly hashrate: number | null;
}

/** The miner asks for something of which no more than its kind is told. */
export type PlainRequestEvent = Request<
  'configure' | 'suggest_target' | 'extranonce_subscribe' | 'getwork' | 'keepalive' | 'get_transactions'
>;

/** The miner asks for something that has no name of its own here. */
export interface OtherRequestEvent extends Request<'other_request'> {
  /** The method that no dialect knows, cut at 64 characters; null where it is a usual one that means no work. */
  readonly method: string | null;
}

/** The miner answers a request of the pool: no request, no share. */
export interface ClientAnswerEvent {
  readonly kind: 'client_response' | 'pong';
  readonly id: MessageId;
}

interface FromPool {
  readonly id: MessageId;
  /**
   * Whether the message counts as a notification: it is not an answer. (A job can be the answer
   * to a login or to a request for work.)
   */
  readonly notification: boolean;
  /** The request that this message answers at the same time, by its id; never a submit. */
  readonly alsoAnswers?: Exclude<RequestKind, 'submit'>;
  /** With `alsoAnswers`: how long that request waited. */
  readonly latencyMs?: number;
}

/** A job is announced. */
export interface NotifyEvent extends FromPool {
  readonly kind: 'notify';
  readonly job: string | null;
  readonly difficulty: number | null;
  readonly hashes: number | null;
  readonly answersGetwork: boolean;
}

/** The pool announces the difficulty of jobs to come. */
export interface SetDifficultyEvent extends FromPool {
  readonly kind: 'set_difficulty';
  /** As announced, even where it is ignored (0, negative); null for what is no number. */
  readonly difficulty: number | null;
  /** Hashes per share of the next job. */
  readonly hashes: number | null;
}

/**
 * The pool announces a target in place of a difficulty; `hashes` is what a share is expected to take, null
 * where unknown.
 */
export interface SetTargetEvent extends FromPool {
  readonly kind: 'set_target';
  readonly hashes: number | null;
}

/** The pool gives the miner another part of the search space; null where it cannot be read. */
export interface SetExtranonceEvent extends FromPool {
  readonly kind: 'set_extranonce';
  readonly extranonce: string | null;
}

/** The pool sends the miner elsewhere; `host` null means the same host. */
export interface ReconnectEvent extends FromPool {
  readonly kind: 'reconnect';
  readonly host: string | null;
  readonly port: number | null;
}

/** The pool says something of which no more than its kind is told. */
export interface PlainPoolEvent extends FromPool {
  readonly kind:
    'show_message' | 'ping' | 'get_version' | 'set_version_mask' | 'bye' | 'cancel' | 'server_other';
}

/** What the session speaks, when it is recognised and each time it turns out to be something more special. */
export interface DialectEvent {
  readonly kind: 'dialect';
  readonly dialect: Dialect;
}

/**
 * Why a line is counted and skipped:
 * `not_json` no JSON · `not_object` JSON, but no object · `bad_method` a `method` that is no text ·
 * `unknown_shape` neither a request nor an answer.
 */
export type MalformedReason = 'not_json' | 'not_object' | 'bad_method' | 'unknown_shape';

/** One side sent a line that is no message: it is counted and skipped. */
export interface MalformedEvent {
  readonly kind: 'malformed';
  readonly direction: Direction;
  readonly reason: MalformedReason;
}

/** A line longer than the limit, told once when the limit is passed; the rest of it is skipped. */
export interface OversizeEvent {
  readonly kind: 'oversize';
  readonly direction: Direction;
}

/** A PROXY header inside the stream. Anyone can write one: `src` is a claim. */
export interface ProxyHeaderEvent {
  readonly kind: 'proxy_header';
  readonly direction: Direction;
  readonly version: 1 | 2;
  readonly family: 'TCP4' | 'TCP6' | 'UNKNOWN';
  readonly src: string | null;
}

/** The stream turned out not to be lines of JSON: nothing more is looked at (`binary_frame`: beside the lines). */
export type StreamEvent =
  | { readonly kind: 'http'; readonly method: string }
  | { readonly kind: 'tls' }
  | { readonly kind: 'sv2'; readonly encrypted: boolean }
  | {
      readonly kind: 'binary_frame';
      readonly direction: Direction;
      readonly cmd: number;
      readonly length: number;
      readonly submit: boolean;
    };

/** The pool speaks of its own accord, or a job or an extranonce is its answer. */
export type PoolEvent =
  NotifyEvent | SetDifficultyEvent | SetTargetEvent | SetExtranonceEvent | ReconnectEvent | PlainPoolEvent;

/**
 * Every fact that is read from a session, told apart by `kind`, and answers by `to` and `outcome` as well.
 */
export type StratumEvent =
  | SubmitEvent
  | UnansweredEvent
  | ResponseEvent
  | SubscribeEvent
  | AuthorizeEvent
  | SuggestDifficultyEvent
  | HashrateEvent
  | PlainRequestEvent
  | OtherRequestEvent
  | ClientAnswerEvent
  | PoolEvent
  | DialectEvent
  | MalformedEvent
  | OversizeEvent
  | ProxyHeaderEvent
  | StreamEvent;

/** Whether the event is a message of the pool that is not an answer (`stratum_notifications_total`). */
export function isNotification(event: StratumEvent): boolean {
  return 'notification' in event && event.notification;
}

/** Whether the event announces a job (`stratum_jobs_total`), answers to a login or getwork included. */
export function isJob(event: StratumEvent): event is NotifyEvent {
  return event.kind === 'notify';
}
