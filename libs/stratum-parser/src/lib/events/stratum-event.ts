import type { NotifyEvent, PoolEvent } from './announcements';
import type {
  AuthorizeEvent,
  ClientAnswerEvent,
  HashrateEvent,
  OtherRequestEvent,
  PlainRequestEvent,
  SubscribeEvent,
  SuggestDifficultyEvent,
} from './requests';
import type { ResponseEvent } from './responses';
import type { SubmitEvent, UnansweredEvent } from './shares';
import type { DialectEvent, MalformedEvent, OversizeEvent, ProxyHeaderEvent, StreamEvent } from './stream';

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

/** Takes the facts of one session, in the order in which they were seen. May keep the events. */
export interface StratumEventSink {
  push(event: StratumEvent): void;
}

/** Whether the event is a message of the pool that is not an answer (`stratum_notifications_total`). */
export function isNotification(event: StratumEvent): boolean {
  return 'notification' in event && event.notification;
}

/** Whether the event announces a job (`stratum_jobs_total`), answers to a login or getwork included. */
export function isJob(event: StratumEvent): event is NotifyEvent {
  return event.kind === 'notify';
}
