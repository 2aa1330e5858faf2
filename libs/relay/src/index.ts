export type { AccessOptions, ClientLimits } from './lib/access/admission';
export type { BanOptions } from './lib/access/address-table';
export type { Direction } from './lib/direction';
export type { ListenerOptions } from './lib/listeners/listener';
export type { ListenerTls } from './lib/listeners/tls-terminator';
export {
  DIAL_FAILURES,
  poolHostOf,
  type DialOutcome,
  type HealthOptions,
  type PoolOptions,
  type PoolState,
  type PoolTls,
  type PoolView,
} from './lib/pools/pool';
export type { Failback } from './lib/pools/pool-choice';
export type { DirectionProof } from './lib/session/byte-proof';
export { Relay, sessionsWithin, type DrainResult, type RelayState } from './lib/relay';
export {
  REJECTION_CAUSES,
  type RejectedConnection,
  type RejectionCause,
  type RelayEvents,
} from './lib/relay-events';
export type { FailoverOptions, RelayOptions, SessionLimits } from './lib/relay-options';
export { RelayModule } from './lib/relay.module';
export { SESSION_TAP_FACTORY } from './lib/relay.tokens';
export { CLOSE_KINDS, type CloseCode, type CloseReason, type CloseSide } from './lib/session/close-reason';
export type {
  SessionEnd,
  SessionIdentity,
  SessionProof,
  SessionTap,
  SessionTapFactory,
  SessionView,
} from './lib/session/session-tap';
