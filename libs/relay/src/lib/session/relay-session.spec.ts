import { once } from 'node:events';
import { Socket } from 'node:net';
import { AMPLE_LIMITS, RecordingTap, plainPool } from '../../testing';
import { Visitor } from '../access/admission';
import { Pool } from '../pools/pool';
import { Sweeps } from '../sweeps';
import { RelaySession, type SessionOwner } from './relay-session';
import type { SessionEnd } from './session-tap';
import type { RelaySocket } from '../sockets/socket-reading';

/** What needs no network: sockets that were never connected, chunks handed over by hand. */
describe('RelaySession', () => {
  const unconnected = (): RelaySocket => ({ socket: new Socket(), onChunk: () => undefined });

  const start = (limits = AMPLE_LIMITS) => {
    const ends: SessionEnd[] = [];
    const sweeps = new Sweeps(100, 1_000);
    const owner: SessionOwner = {
      limits,
      sweeps,
      now: () => 1_000,
      closed: (_session, end) => ends.push(end),
    };
    const [downstream, upstream] = [unconnected(), unconnected()];
    const birth = {
      id: 'test-1',
      listener: 'test',
      pool: new Pool(plainPool({ port: 3333 })),
      visitor: new Visitor('192.0.2.7', undefined),
      proof: false,
      remoteAddress: '192.0.2.7',
      remotePort: 51_234,
      acceptedAt: 0,
      bornAt: 0,
    };
    const session = new RelaySession(birth, downstream, upstream, owner);
    const tap = new RecordingTap(session, () => undefined);
    session.start(tap, []);
    const gone = Promise.all([once(downstream.socket, 'close'), once(upstream.socket, 'close')]);
    return { session, tap, downstream, upstream, sweeps, ends, gone };
  };

  it('keeps the first of several reasons and closes once', async () => {
    const { session, tap, ends, gone } = start();
    session.close({ side: 'relay', code: 'IDLE_TIMEOUT' });
    session.close({ side: 'upstream', code: 'POOL_SILENT' });
    await gone;
    session.close({ side: 'relay', code: 'DRAIN' });
    expect(ends).toMatchObject([{ reason: { side: 'relay', code: 'IDLE_TIMEOUT' } }]);
    expect(tap.ends).toEqual(ends);
  });

  it('neither counts nor shows a chunk that comes out of a socket after the end', async () => {
    const { session, tap, downstream, gone } = start();
    session.close({ side: 'relay', code: 'IDLE_TIMEOUT' });
    downstream.onChunk(Buffer.from('read ahead'));
    await gone;
    expect(session.bytesToUpstream).toBe(0);
    expect(tap.bytes('to_upstream')).toHaveLength(0);
  });

  it('is cut off for the last reason when it was closing in order for another', async () => {
    const { session, tap, ends, gone } = start();
    tap.inFlight = 1;
    session.closeInOrder({ side: 'relay', code: 'DRAIN' });
    session.cutOff({ side: 'relay', code: 'DRAIN_DEADLINE' });
    await gone;
    expect(ends).toMatchObject([{ reason: { code: 'DRAIN_DEADLINE' } }]);
  });

  it('does not change the reason of a session that has ended when it is cut off', async () => {
    const { session, ends, gone } = start();
    session.close({ side: 'relay', code: 'IDLE_TIMEOUT' });
    session.cutOff({ side: 'relay', code: 'DRAIN_DEADLINE' });
    await gone;
    expect(ends).toMatchObject([{ reason: { code: 'IDLE_TIMEOUT' } }]);
  });

  it('has a duration that stands still after the close', async () => {
    const { session, ends, gone } = start();
    session.close({ side: 'relay', code: 'IDLE_TIMEOUT' });
    await gone;
    expect(session.durationMs).toBe(ends[0]!.durationMs);
  });

  it('is looked at again as soon as its limits are others, and not before one can be overstepped', async () => {
    const limits = { ...AMPLE_LIMITS };
    const { session, ends, gone } = start(limits);
    session.sweep(1_000);
    limits.idleTimeoutMs = 50;
    session.sweep(2_000);
    expect(ends).toEqual([]);
    session.limitsChanged();
    session.sweep(2_000);
    await gone;
    expect(ends).toMatchObject([{ reason: { code: 'IDLE_TIMEOUT' } }]);
  });

  it('is idle only so long after the sweep behind its last byte', async () => {
    const { session, downstream, sweeps, ends, gone } = start({ ...AMPLE_LIMITS, idleTimeoutMs: 1_000 });
    session.sweep(1_000);
    sweeps.begin(2_000);
    downstream.onChunk(Buffer.from('a'));
    // Its bytes wait for a pool that was never connected: each sweep looks.
    for (const now of [2_500, 3_109]) session.sweep(now);
    expect(ends).toEqual([]);
    session.sweep(3_111);
    await gone;
    expect(ends).toMatchObject([{ reason: { code: 'IDLE_TIMEOUT' } }]);
  });

  it('is not idle for what came while the process stood still', async () => {
    const { session, downstream, sweeps, ends, gone } = start({ ...AMPLE_LIMITS, idleTimeoutMs: 1_000 });
    session.sweep(1_000);
    // Sockets are read before the sweep that is late.
    downstream.onChunk(Buffer.from('a'));
    session.sweepWasLate(sweeps.begin(9_000)!);
    session.sweep(9_000);
    expect(ends).toEqual([]);
    sweeps.begin(10_200);
    session.sweep(10_200);
    await gone;
    expect(ends).toMatchObject([{ reason: { code: 'IDLE_TIMEOUT' } }]);
  });
});
