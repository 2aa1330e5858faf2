export { FakePool, freePort } from './fake-pool';
export { Peer, type PeerEnd } from './peer';
export { RecordingTap, RecordingTaps } from './recording-tap';
export { AMPLE_LIMITS, READINGS, RelayFixture, type FixtureOptions } from './relay-fixture';
export { gatedDials, steady } from './steering';
export { earliestMs } from './timers';
