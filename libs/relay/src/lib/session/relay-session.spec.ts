import { once } from 'node:events';
import { Socket } from 'node:net';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { AMPLE_LIMITS, RecordingTap, plainPool } from '../../testing';
import { Visitor } from '../access/admission';
import { Pool } from '../pools/pool';
import { Sweeps } from '../sweeps';
import { RelaySession, type SessionOwner } from './relay-session';
import type { SessionEnd } from './session-tap';
import { TurnChunks } from './turn-chunks';
import type { RelaySocket } from '../sockets/socket-reading';

/** What needs no network: sockets that were never connected, chunks handed over by hand. */
describe('RelaySession', () => {
  const unconnected = (): RelaySocket => ({ socket: new Socket(), onChunk: () => undefined });

  /** A socket whose peer takes all at once; gives what it took. */
  const takesAll = ({ socket }: RelaySocket) => {
    const taken: Uint8Array[] = [];
    socket.write = (chunk: Uint8Array) => taken.push(chunk) > 0;
    return taken;
  };

  const start = (limits = AMPLE_LIMITS, prepare: (tap: RecordingTap) => void = () => undefined) => {
    const ends: SessionEnd[] = [];
    const sweeps = new Sweeps(100, 1_000);
    const owner: SessionOwner = {
      limits,
      sweeps,
      turnChunks: new TurnChunks(
        () => 1_000,
        () => undefined,
      ),
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
    prepare(tap);
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

  it('hands a chunk on at once, and shows it when the turn ends', async () => {
    const { tap, upstream, downstream } = start();
    const sent = takesAll(upstream);
    downstream.onChunk(Buffer.from('{"id":1}\n'));
    expect(sent.toString()).toBe('{"id":1}\n');
    expect(tap.bytes('to_upstream')).toHaveLength(0);
    await endOfTurn();
    expect(tap.bytes('to_upstream').toString()).toBe('{"id":1}\n');
  });

  it('shows what came in the turn in which it ends, before it says that it ended', async () => {
    const { session, tap, downstream, gone } = start();
    tap.onClosed = () => expect(tap.bytes('to_upstream').toString()).toBe('last');
    downstream.onChunk(Buffer.from('last'));
    session.close({ side: 'relay', code: 'IDLE_TIMEOUT' });
    // Sockets say that they are gone before immediates have their turn.
    await gone;
    expect(tap.ends).toHaveLength(1);
    expect.assertions(2);
  });

  it('does not end in order while a share of the same turn may not have been seen yet', async () => {
    const { session, tap, upstream, downstream } = start();
    takesAll(upstream);
    takesAll(downstream);
    tap.onChunk = (direction) => (tap.inFlight += direction === 'to_upstream' ? 1 : -1);
    downstream.onChunk(Buffer.from('submit'));
    session.closeInOrder({ side: 'relay', code: 'DRAIN' });
    expect(session.state).toBe('settling');
    await endOfTurn();
    expect(session.state).toBe('settling');
    upstream.onChunk(Buffer.from('answer'));
    expect(session.state).toBe('settling');
    await endOfTurn();
    expect(session.state).toBe('ending');
    session.close({ side: 'relay', code: 'DRAIN' });
  });

  it('asks for no chunks where its tap wants none', async () => {
    const { tap, upstream, downstream } = start(AMPLE_LIMITS, (made) => (made.wantsChunks = false));
    takesAll(upstream);
    downstream.onChunk(Buffer.from('a'));
    await endOfTurn();
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
