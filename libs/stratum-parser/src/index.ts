export { ALGORITHMS, hashesPerDifficulty1 } from './lib/difficulty/algorithms';
export type {
  AcceptedEvent,
  AuthorizeEvent,
  ClientAnswerEvent,
  Dialect,
  DialectEvent,
  Direction,
  HashrateEvent,
  Login,
  MalformedEvent,
  MalformedReason,
  MessageId,
  NotifyEvent,
  OrphanEvent,
  OtherRequestEvent,
  OversizeEvent,
  PlainPoolEvent,
  PlainRequestEvent,
  PoolEvent,
  ProxyHeaderEvent,
  ReconnectEvent,
  RejectedEvent,
  RequestAnsweredEvent,
  RequestKind,
  ResponseEvent,
  SetDifficultyEvent,
  SetExtranonceEvent,
  SetTargetEvent,
  Share,
  StratumEvent,
  StratumEventSink,
  StreamEvent,
  SubmitEvent,
  SubscribeEvent,
  SuggestDifficultyEvent,
  UnansweredEvent,
  UnknownOutcomeEvent,
} from './lib/events';
export { isJob, isNotification } from './lib/events';
export { LineFramer } from './lib/stream/framing';
export type { LineSink } from './lib/stream/framing';
export { StratumInspector } from './lib/inspector';
export type { InspectionMode, InspectorOptions } from './lib/inspector';
export { readMessage } from './lib/message';
export type { Message, RequestMessage, ResponseMessage } from './lib/message';
export { classifyRejection } from './lib/refusals/rejection-reason';
export { REJECTION_REASONS, type RejectionReason } from './lib/refusals/reasons';
export { Secret } from './lib/secret';
