import { randomBytes } from 'node:crypto';
import { RelayFixture, type RecordingTap } from '@mining-proxy/relay/testing';
import { expectSameBytes } from './support/bytes';

const broken = (): never => {
  throw new Error('this tap is broken');
};

/** Every call of a tap that may throw. */
const BREAKAGES: Readonly<Record<string, (tap: RecordingTap) => void>> = {
  'when it is opened': broken,
  'at its first chunk': (tap) => (tap.onChunk = broken),
  'at a later chunk': (tap) => {
    let chunks = 0;
    tap.onChunk = () => (chunks += 1) > 3 && broken();
  },
  'at what the pool sends': (tap) => {
    tap.onChunk = (direction) => direction === 'to_downstream' && broken();
  },
  'when its shares are asked for': (tap) => {
    Object.defineProperty(tap, 'sharesInFlight', { value: broken });
  },
  'when it is closed': (tap) => (tap.onClosed = broken),
};

/**
 * Guards the second promise: looking never hurts. The built proxy's own tap cannot be made to throw from
 * outside, so that these run the same relay in this process, over real TCP, with taps that do.
 */
describe('a tap that throws', () => {
  let fixture: RelayFixture | undefined;
  afterEach(async () => {
    await fixture?.stop();
    fixture = undefined;
  });

  it.each(Object.keys(BREAKAGES))('changes no byte and no end of its session: %s', async (when) => {
    fixture = await RelayFixture.start({ prepareTap: BREAKAGES[when]! });
    const { miner, upstream } = await fixture.session();
    const [up, down] = [randomBytes(200_000), randomBytes(200_000)];
    for (let at = 0; at < up.length; at += 7_001) {
      miner.write(up.subarray(at, at + 7_001));
      upstream.write(down.subarray(at, at + 7_001));
    }
    expectSameBytes(await upstream.receives(up.length), up);
    expectSameBytes(await miner.receives(down.length), down);
    miner.end();
    upstream.end();
    expect(await fixture.end()).toMatchObject({
      reason: { code: 'ENDED' },
      undeliveredToUpstream: 0,
      undeliveredToDownstream: 0,
    });
    expect(fixture.faults.length).toBeLessThanOrEqual(1);
  });

  it('does not keep a drain from ending', async () => {
    fixture = await RelayFixture.start({
      prepareTap: (tap) => Object.defineProperty(tap, 'sharesInFlight', { value: broken }),
      limits: { closeGraceMs: 300 },
      drainTimeoutMs: 1_000,
    });
    const { miner, upstream } = await fixture.session();
    const drained = fixture.relay.drain();
    await Promise.all([miner.ended, upstream.ended]);
    miner.end();
    upstream.end();
    expect(await drained).toEqual({ closed: 1, cut: 0 });
  });
});
