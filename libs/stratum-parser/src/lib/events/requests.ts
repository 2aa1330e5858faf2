import type { MessageId } from '../message';
import type { Secret } from '../secret';

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
