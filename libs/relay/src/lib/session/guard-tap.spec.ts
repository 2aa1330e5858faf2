import { RecordingTap } from '../../testing';
import { guardTap, openGuarded } from './guard-tap';
import type { SessionEnd, SessionView } from './session-tap';

const END: SessionEnd = {
  reason: { side: 'downstream', code: 'ENDED' },
  durationMs: 1,
  undeliveredToUpstream: 0,
  undeliveredToDownstream: 0,
};
const CHUNK = Buffer.from('x');
const fail = (): never => {
  throw new Error('lost track');
};

describe('guardTap', () => {
  let tap: RecordingTap;
  let faults: unknown[];
  const guarded = () => guardTap(tap, (fault) => faults.push(fault));
  beforeEach(() => {
    tap = new RecordingTap({} as SessionView, () => undefined);
    faults = [];
  });

  it('hands everything to a tap that behaves', () => {
    const guard = guarded();
    tap.inFlight = 3;
    guard.chunk('to_upstream', CHUNK, 0);
    guard.closed(END);
    expect(guard.sharesInFlight()).toBe(3);
    expect(tap.bytes('to_upstream')).toEqual(CHUNK);
    expect(tap.ends).toEqual([END]);
    expect(faults).toEqual([]);
  });

  it('reports the first throw only and shows the tap no more chunks', () => {
    const guard = guarded();
    tap.onChunk = fail;
    guard.chunk('to_upstream', CHUNK, 0);
    guard.chunk('to_upstream', CHUNK, 0);
    expect(faults).toEqual([new Error('lost track')]);
    expect(tap.bytes('to_upstream')).toHaveLength(1);
  });

  it('still tells a faulted tap of the end, and survives its throw there', () => {
    const guard = guarded();
    tap.onChunk = fail;
    tap.onClosed = fail;
    guard.chunk('to_downstream', CHUNK, 0);
    guard.closed(END);
    expect(tap.ends).toEqual([END]);
    expect(faults).toHaveLength(1);
  });

  it('waits for no answers that a faulted tap cannot see', () => {
    const guard = guarded();
    tap.inFlight = 3;
    tap.onChunk = fail;
    guard.chunk('to_upstream', CHUNK, 0);
    expect(guard.sharesInFlight()).toBe(0);
  });

  it('takes a count that throws for none, and for a fault', () => {
    const guard = guarded();
    jest.spyOn(tap, 'sharesInFlight').mockImplementation(fail);
    expect(guard.sharesInFlight()).toBe(0);
    guard.chunk('to_upstream', CHUNK, 0);
    expect(tap.bytes('to_upstream')).toHaveLength(0);
    expect(faults).toHaveLength(1);
  });
});

describe('what a guarded tap wants', () => {
  it('is what the tap wants, and nothing after a fault', () => {
    const tap = new RecordingTap({} as SessionView, () => undefined);
    const guard = guardTap(tap, () => undefined);
    expect(guard.wantsChunks).toBe(true);
    tap.onChunk = fail;
    guard.chunk('to_upstream', CHUNK, 0);
    expect(guard.wantsChunks).toBe(false);
  });

  it('is nothing where the tap fails to say it', () => {
    const faults: unknown[] = [];
    const tap = new RecordingTap({} as SessionView, () => undefined);
    Object.defineProperty(tap, 'wantsChunks', { get: fail });
    const blind = openGuarded(
      () => tap,
      (fault) => faults.push(fault),
    );
    expect(blind.wantsChunks).toBe(false);
    expect(faults).toHaveLength(1);
  });
});

describe('openGuarded', () => {
  it('guards the tap that it opens', () => {
    const faults: unknown[] = [];
    const tap = new RecordingTap({} as SessionView, () => undefined);
    tap.onChunk = fail;
    openGuarded(
      () => tap,
      (fault) => faults.push(fault),
    ).chunk('to_upstream', CHUNK, 0);
    expect(faults).toHaveLength(1);
  });

  it('leaves the session unseen when no tap can be opened', () => {
    const faults: unknown[] = [];
    const blind = openGuarded(fail, (fault) => faults.push(fault));
    blind.chunk('to_upstream', CHUNK, 0);
    blind.closed(END);
    expect(blind.sharesInFlight()).toBe(0);
    expect(faults).toEqual([new Error('lost track')]);
  });
});
