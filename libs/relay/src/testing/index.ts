export {
  CertificateFiles,
  certificate,
  fingerprintOf,
  type CertificateWish,
  type KeyPair,
} from './certificates';
export { FakePool, freePort } from './fake-pool';
export { Peer, type PeerEnd } from './peer';
export { RecordingTap, RecordingTaps } from './recording-tap';
export {
  AMPLE_LIMITS,
  FAILOVER,
  OPEN_ACCESS,
  READINGS,
  RelayFixture,
  plainListener,
  plainPool,
  type FixtureOptions,
} from './relay-fixture';
export { gatedDials, resolveNames, steady } from './steering';
export { earliestMs } from './timers';
