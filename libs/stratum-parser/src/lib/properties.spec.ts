import fc from 'fast-check';
import { StratumInspector } from '..';
import type { Direction, StratumEvent } from '..';
import { EventTally, loadMoreSessions, loadMoreVectors, loadSessions, loadVectors } from '../testing';

interface Write {
  readonly direction: Direction;
  readonly bytes: Buffer;
}

const direction = fc.constantFrom<Direction>('to_upstream', 'to_downstream');

/** Real messages, whole lines each, by dialect. */
const recordedOf = new Map<string, Write[]>();
for (const { dialect, setup, direction, bytes } of [...loadVectors(), ...loadMoreVectors()])
  record(dialect, [...setup, { direction, bytes }]);
for (const { dialect, steps } of [...loadSessions(), ...loadMoreSessions()]) record(dialect, steps);
const recorded: readonly Write[] = [...recordedOf.values()].flat();

function record(dialect: string, messages: readonly Write[]): void {
  const known = recordedOf.get(dialect) ?? [];
  known.push(...messages.map((message) => ({ direction: message.direction, bytes: message.bytes })));
  recordedOf.set(dialect, known);
}

/** Few ids, so that they collide; answers of all kinds. */
const made = fc.oneof(
  fc
    .nat(4)
    .map((id) => up(`{"id":${id},"method":"mining.submit","params":["a.b","j${id % 3}","0","0","0"]}\n`)),
  fc.nat(4).map((id) => up(`{"id":${id},"method":"mining.authorize","params":["a.b","x"]}\n`)),
  fc
    .tuple(
      fc.nat(4),
      fc.constantFrom(
        'true,"error":null',
        'false',
        'null',
        '"maybe"',
        'null,"error":[21,"Job not found",null]',
      ),
    )
    .map(([id, result]) => down(`{"id":${id},"result":${result}}\n`)),
  fc.nat(4).map((id) => down(`{"id":${id},"method":"mining.set_difficulty","params":[${id}]}\n`)),
  fc.nat(2).map((n) => down(`{"id":null,"method":"mining.notify","params":["j${n}","ab"]}\n`)),
);

const write = fc.oneof(
  { weight: 3, arbitrary: made },
  { weight: 3, arbitrary: fc.constantFrom(...recorded) },
  {
    weight: 1,
    arbitrary: fc.record({ direction, bytes: fc.uint8Array({ maxLength: 80 }).map((b) => Buffer.from(b)) }),
  },
);
const mixed = fc.array(write, { maxLength: 40 });
/** One dialect's own messages, in any order. */
const ofOneDialect = fc
  .constantFrom(...recordedOf.values())
  .chain((messages) => fc.array(fc.constantFrom(...messages), { maxLength: 40 }));
const writes = fc.oneof(mixed, ofOneDialect);
/** Sizes of the pieces that a write is cut into, used in turn. */
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });

describe('a session of any bytes', () => {
  it('keeps every submit in exactly one place, after every event', () => {
    fc.assert(
      fc.property(writes, (session) => {
        const tally = new EventTally();
        const inspector: StratumInspector = new StratumInspector(
          { maxLineBytes: 4096, now: () => 0 },
          {
            push: (event) => {
              tally.push(event);
              expect(settled(tally) + inspector.inFlight).toBe(tally.submits);
            },
          },
        );
        for (const { direction: way, bytes } of session) inspector.chunk(way, bytes);
        inspector.close();
        expect(settled(tally)).toBe(tally.submits);
        expect(inspector.inFlight).toBe(0);
      }),
      { numRuns: 700 },
    );
  });

  it('tells the same facts however it is cut', () => {
    fc.assert(
      fc.property(writes, sizes, (session, pieceSizes) => {
        expect(factsOf(session, pieceSizes)).toEqual(factsOf(session));
      }),
      { numRuns: 700 },
    );
  });

  it('tells the same facts when no line is known from one before', () => {
    fc.assert(
      fc.property(writes, (session) => {
        expect(factsOf(stretched(session))).toEqual(factsOf(session));
      }),
      { numRuns: 700 },
    );
  });

  it('keeps nothing of a chunk, so that the read buffer can be used again', () => {
    fc.assert(
      fc.property(writes, sizes, (session, pieceSizes) => {
        expect(factsOf(session, pieceSizes, (piece) => piece.fill(0x22))).toEqual(factsOf(session));
      }),
      { numRuns: 200 },
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(direction, fc.uint8Array({ maxLength: 200 })), { maxLength: 20 }),
        (chunks) => {
          const inspector = new StratumInspector({ maxLineBytes: 64 }, new EventTally());
          for (const [way, bytes] of chunks) inspector.chunk(way, bytes);
          inspector.close();
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/**
 * The same whole lines with so many blanks in them that they are long, and are parsed each: templates are of
 * short lines only. Binary data may say how long it is, or what the stream is, by the bytes that follow: behind it
 * nothing is changed.
 */
function stretched(session: readonly Write[]): readonly Write[] {
  const atLineStart = { to_upstream: true, to_downstream: true };
  const isText = { to_upstream: true, to_downstream: true };
  return session.map(({ direction, bytes }) => {
    const begins = atLineStart[direction];
    if (bytes.length > 0) atLineStart[direction] = bytes.at(-1) === 0x0a;
    if (bytes.some((byte) => (byte < 0x20 && !BLANKS.has(byte)) || byte === 0x7f)) isText[direction] = false;
    const text = bytes.toString('utf8');
    const isLine = begins && text.startsWith('{') && bytes.at(-1) === 0x0a && bytes.length <= 3000;
    if (!isLine || !isText[direction] || !isJson(text)) return { direction, bytes };
    return { direction, bytes: Buffer.from(text.replace('{', `{${' '.repeat(600)}`)) };
  });
}

const BLANKS: ReadonlySet<number> = new Set(Buffer.from('\t\r\n'));

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function factsOf(
  session: readonly Write[],
  pieceSizes?: readonly number[],
  after?: (piece: Buffer) => void,
): readonly StratumEvent[] {
  const tally = new EventTally();
  const inspector = new StratumInspector({ maxLineBytes: 4096, now: () => 0 }, tally);
  let next = 0;
  for (const { direction: way, bytes } of session) {
    for (let at = 0; at < bytes.length;) {
      const size = pieceSizes?.[next++ % pieceSizes.length] ?? bytes.length;
      const piece = Buffer.from(bytes.subarray(at, at + size));
      inspector.chunk(way, piece);
      after?.(piece);
      at += size;
    }
  }
  inspector.close();
  return tally.events;
}

function settled({ accepted, rejected, unknown, unanswered }: EventTally): number {
  return accepted + rejected + unknown + unanswered;
}

function up(text: string): Write {
  return { direction: 'to_upstream', bytes: Buffer.from(text) };
}

function down(text: string): Write {
  return { direction: 'to_downstream', bytes: Buffer.from(text) };
}
