import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { READINGS, RelayFixture, type FixtureOptions, type Peer } from '../testing';
import type { SocketReading } from './sockets/socket-reading';

describe.each(READINGS)('Relay transparency, reading with %s', (_name, reading) => {
  let fixture: RelayFixture;
  const start = async (options: FixtureOptions = {}) => {
    fixture = await RelayFixture.start({ reading, ...options });
    return fixture.session();
  };
  afterEach(() => fixture.stop());

  it('carries any bytes in any chunks both ways, also past a tap that throws', async () => {
    let chunksUntilThrow = Infinity;
    fixture = await RelayFixture.start({
      reading,
      prepareTap: (tap) => {
        let left = chunksUntilThrow;
        tap.onChunk = () => {
          left -= 1;
          if (left < 0) throw new Error('tap lost track');
        };
      },
    });
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), { maxLength: 12 });
    const patience = fc.constantFrom(0, 3, Infinity);
    await fc.assert(
      fc.asyncProperty(chunks, chunks, patience, async (up, down, throwsAfter) => {
        chunksUntilThrow = throwsAfter;
        const { miner, upstream } = await fixture.session();
        await Promise.all([writeApart(miner, up), writeApart(upstream, down)]);
        await Promise.all([miner.closed, upstream.closed]);
        expect(upstream.received.equals(Buffer.concat(up))).toBe(true);
        expect(miner.received.equals(Buffer.concat(down))).toBe(true);
      }),
      { numRuns: 40 },
    );
    for (const end of fixture.ends) {
      expect(end).toMatchObject({ undeliveredToUpstream: 0, undeliveredToDownstream: 0 });
    }
  });

  it('carries 8 MB each way at the same time', async () => {
    const { miner, upstream, tap } = await start();
    const up = randomBytes(8 << 20);
    const down = randomBytes(8 << 20);
    miner.end(up);
    upstream.end(down);
    await Promise.all([miner.closed, upstream.closed]);
    const end = await fixture.end();
    expect(upstream.received.equals(up)).toBe(true);
    expect(miner.received.equals(down)).toBe(true);
    expect(tap.session).toMatchObject({ bytesToUpstream: up.length, bytesToDownstream: down.length });
    expect(end).toMatchObject({ undeliveredToUpstream: 0, undeliveredToDownstream: 0 });
  });

  it('keeps the streams of many sessions apart while some of them are slow', async () => {
    fixture = await RelayFixture.start({ reading, poolReads: false });
    const sent = Array.from({ length: 8 }, () => randomBytes(6 << 20));
    const upstreams: Peer[] = [];
    for (const bytes of sent) {
      const { miner, upstream } = await fixture.session();
      upstreams.push(upstream);
      miner.end(bytes);
    }
    for (const upstream of upstreams.toReversed()) upstream.read();
    await Promise.all(upstreams.map((upstream) => upstream.ended));
    upstreams.forEach((upstream, i) => expect(upstream.received.equals(sent[i]!)).toBe(true));
  });

  it('lets the pool speak first', async () => {
    const { miner, upstream } = await start();
    upstream.write('hello');
    expect((await miner.receives(5)).toString()).toBe('hello');
  });

  it('delivers what the miner said while the pool was still being dialled', async () => {
    fixture = await RelayFixture.start({ reading });
    const miner = await fixture.miner();
    miner.write('{"id":1}\n');
    const upstream = await fixture.pool.next();
    expect((await upstream.receives(9)).toString()).toBe('{"id":1}\n');
  });

  it('shows the tap the bytes that crossed, each way', async () => {
    const { miner, upstream, tap } = await start();
    miner.write(Buffer.from([0, 255, 10, 13]));
    await upstream.receives(4);
    upstream.write(Buffer.from([128, 0, 10]));
    await miner.receives(3);
    expect(tap.bytes('to_upstream')).toEqual(Buffer.from([0, 255, 10, 13]));
    expect(tap.bytes('to_downstream')).toEqual(Buffer.from([128, 0, 10]));
  });

  it('forwards the chunk before the tap sees it', async () => {
    const order: string[] = [];
    const { miner, upstream } = await start({
      reading: withWriteNoticed(reading, () => order.push('write')),
      prepareTap: (tap) => (tap.onChunk = () => order.push('tap')),
    });
    miner.write('submit');
    await upstream.receives(6);
    expect(order).toEqual(['write', 'tap']);
  });

  it('goes on unseen after the tap has thrown, and says so once', async () => {
    const { miner, upstream, tap } = await start({
      prepareTap: (tap) => {
        tap.onChunk = () => {
          throw new Error('tap lost track');
        };
      },
    });
    miner.write('one');
    await upstream.receives(3);
    miner.end('two');
    upstream.end('three');
    await Promise.all([miner.closed, upstream.closed]);
    await fixture.end();
    expect(upstream.received.toString()).toBe('onetwo');
    expect(miner.received.toString()).toBe('three');
    expect(tap.bytes('to_upstream').toString()).toBe('one');
    expect(fixture.faults).toEqual([new Error('tap lost track')]);
    expect(tap.ends).toHaveLength(1);
  });

  it('relays a session whose tap could not even be opened', async () => {
    const { miner, upstream } = await start({
      prepareTap: () => {
        throw new Error('no tap today');
      },
    });
    miner.write('one');
    await upstream.receives(3);
    upstream.write('two');
    await miner.receives(3);
    expect(fixture.faults).toEqual([new Error('no tap today')]);
  });

  it('closes a session whose tap throws at its end', async () => {
    const { miner, upstream } = await start({
      prepareTap: (tap) => {
        tap.onClosed = () => {
          throw new Error('tap cannot let go');
        };
      },
    });
    miner.end();
    upstream.end();
    await fixture.end();
    expect(fixture.relay.activeSessions).toBe(0);
    expect(fixture.faults).toEqual([new Error('tap cannot let go')]);
  });
});

/** Writes each chunk in a turn of its own, then finishes the stream. */
async function writeApart(peer: Peer, chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    peer.write(chunk);
    await new Promise(setImmediate);
  }
  peer.end();
}

function withWriteNoticed(reading: SocketReading, noticed: () => void): SocketReading {
  return {
    name: reading.name,
    serve: (server) => reading.serve(server),
    accept: (socket) => reading.accept(socket),
    dialTls: (options) => reading.dialTls(options),
    dial: (options) => {
      const dialled = reading.dial(options);
      const write = dialled.socket.write.bind(dialled.socket);
      jest.spyOn(dialled.socket, 'write').mockImplementation((chunk: Uint8Array | string) => {
        noticed();
        return write(chunk);
      });
      return dialled;
    },
  };
}
