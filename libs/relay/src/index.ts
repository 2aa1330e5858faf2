export { CLOSE_KINDS, type CloseCode, type CloseReason, type CloseSide } from './lib/close-reason';
export type { Direction } from './lib/direction';
export { Relay, sessionsWithin, type DrainResult, type PoolView, type RelayState } from './lib/relay';
export { poolHostOf } from './lib/pool';
export { REJECTION_CAUSES, type RejectionCause, type RelayEvents } from './lib/relay-events';
export type { ListenerOptions, PoolOptions, RelayOptions, SessionLimits } from './lib/relay-options';
export { RelayModule } from './lib/relay.module';
export { SESSION_TAP_FACTORY } from './lib/relay.tokens';
export type {
  SessionEnd,
  SessionIdentity,
  SessionTap,
  SessionTapFactory,
  SessionView,
} from './lib/session-tap';
