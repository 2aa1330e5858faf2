import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { EventStream } from './event-stream';

const EVERY_MS = 2_000;

/** Guards what many who look at the page cost the relay: one snapshot each two seconds, and no long turn. */
describe('EventStream', () => {
  let taken: (string | undefined)[];
  let stream: EventStream;
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    taken = [];
    stream = new EventStream((clientId) => {
      taken.push(clientId);
      return { n: taken.length };
    }, EVERY_MS);
  });
  afterEach(() => {
    stream.close();
    jest.useRealTimers();
  });

  function viewer(clientId?: string) {
    const socket = new PassThrough();
    stream.add(socket, clientId);
    return socket;
  }
  const numbersSent = (socket: PassThrough) =>
    [...((socket.read() as Buffer | null)?.toString() ?? '').matchAll(/"n":(\d+)/g)].map(([, n]) =>
      Number(n),
    );
  /** Until each of so many viewers has had a turn. */
  const turns = async (count: number) => {
    for (let n = 0; n <= count; n += 1) await turn();
  };

  it('takes one snapshot for all who see the same, those included that come between two of them', async () => {
    const [first, second, customer] = [viewer(), viewer(), viewer('acme')];
    expect(taken).toEqual([undefined, 'acme']);
    jest.advanceTimersByTime(EVERY_MS);
    await turns(3);
    const late = viewer();
    expect(taken).toEqual([undefined, 'acme', undefined, 'acme']);
    expect([first, second, customer, late].map(numbersSent)).toEqual([[1, 3], [1, 3], [2, 4], [3]]);
  });

  it('ends for whoever may not look any more, and for nobody else', async () => {
    let mayStill = true;
    const [dismissed, other] = [new PassThrough(), viewer()];
    stream.add(dismissed, undefined, () => mayStill);
    jest.advanceTimersByTime(EVERY_MS);
    await turns(2);
    mayStill = false;
    jest.advanceTimersByTime(EVERY_MS);
    await turns(2);
    expect([dismissed.writableEnded, other.writableEnded]).toEqual([true, false]);
    expect([dismissed, other].map(numbersSent)).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it('takes none while nobody looks, and a new one for whoever comes then', async () => {
    viewer().destroy();
    await turns(1);
    jest.advanceTimersByTime(10 * EVERY_MS);
    expect(taken).toHaveLength(1);
    expect(numbersSent(viewer())).toEqual([2]);
  });

  it('writes to each viewer in a turn of its own', async () => {
    const viewers = [viewer(), viewer(), viewer()];
    for (const socket of viewers) socket.read();
    const written = () => viewers.filter((socket) => socket.readableLength > 0).length;
    jest.advanceTimersByTime(EVERY_MS);
    const seen = [written()];
    for (let n = 0; n < 3; n += 1) {
      await turn();
      seen.push(written());
    }
    expect(seen).toEqual([1, 2, 3, 3]);
  });

  it('goes on when a viewer leaves in the middle of a round, and takes nothing for it', async () => {
    const [, leaves, stays] = [viewer('a'), viewer('b'), viewer('c')];
    jest.advanceTimersByTime(EVERY_MS);
    leaves.destroy();
    await turns(3);
    expect(taken).toEqual(['a', 'b', 'c', 'a', 'c']);
    jest.advanceTimersByTime(EVERY_MS);
    await turns(3);
    expect(numbersSent(stays)).toEqual([3, 5, 7]);
  });

  it('sends nothing more once it is closed, in the middle of a round as well', async () => {
    const [, last] = [viewer(), viewer()];
    jest.advanceTimersByTime(EVERY_MS);
    stream.close();
    await turns(2);
    expect(numbersSent(last)).toEqual([1]);
  });

  it('drops a viewer that does not read', async () => {
    const socket = new PassThrough({ highWaterMark: 1 });
    stream = new EventStream(() => ({ much: 'x'.repeat(700_000) }), EVERY_MS);
    stream.add(socket, undefined);
    for (let n = 0; n < 4; n += 1) {
      jest.advanceTimersByTime(EVERY_MS);
      await turns(1);
    }
    expect(socket.destroyed).toBe(true);
    expect(stream.size).toBe(0);
  });
});
