export { ALGORITHMS, hashesPerDifficulty1 } from './lib/difficulty/algorithms';
export type {
  NotifyEvent,
  PlainPoolEvent,
  PoolEvent,
  ReconnectEvent,
  SetDifficultyEvent,
  SetExtranonceEvent,
  SetTargetEvent,
} from './lib/events/announcements';
export type {
  AuthorizeEvent,
  ClientAnswerEvent,
  HashrateEvent,
  Login,
  OtherRequestEvent,
  PlainRequestEvent,
  RequestKind,
  SubscribeEvent,
  SuggestDifficultyEvent,
} from './lib/events/requests';
export type {
  AcceptedEvent,
  OrphanEvent,
  RejectedEvent,
  RequestAnsweredEvent,
  ResponseEvent,
  UnknownOutcomeEvent,
} from './lib/events/responses';
export type { Share, SubmitEvent, UnansweredEvent } from './lib/events/shares';
export { isJob, isNotification } from './lib/events/stratum-event';
export type { StratumEvent, StratumEventSink } from './lib/events/stratum-event';
export type {
  Dialect,
  DialectEvent,
  Direction,
  MalformedEvent,
  MalformedReason,
  OversizeEvent,
  ProxyHeaderEvent,
  StreamEvent,
} from './lib/events/stream';
export { LineFramer } from './lib/stream/framing';
export type { LineSink } from './lib/stream/framing';
export { StratumInspector } from './lib/inspector';
export type { InspectionMode, InspectorOptions } from './lib/inspector';
export type { LineWitness } from './lib/line-reader';
export { readMessage } from './lib/message';
export type { Message, MessageId, RequestMessage, ResponseMessage } from './lib/message';
export { classifyRejection } from './lib/refusals/rejection-reason';
export { REJECTION_REASONS, type RejectionReason } from './lib/refusals/reasons';
export { Secret } from './lib/secret';
