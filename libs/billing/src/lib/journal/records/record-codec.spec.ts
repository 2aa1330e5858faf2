import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import { plain } from '../testing/read-journal';
import { cleanText } from './clean-text';
import { decodeRecord, encodeRecord, readJson, sealed } from './record-codec';
import { RecordEncoder } from './record-encoder';
import type { JournalLine, JournalRecord, ReadRecord, ShareFact, ShareOutcome } from './record';
import { SessionNames } from './session-names';
import { TurnLines } from './turn-lines';

type Share = ShareFact & { readonly at: number };

const OUTCOMES: readonly ShareOutcome[] = ['accepted', 'accepted_stale', 'rejected', 'unknown', 'unanswered'];
const names: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constant('"\\\u2028\u0000{}'),
  fc.constant('acme.1'),
);
const ids = fc.oneof(fc.constant('vm-1a2b3c4d-17'), fc.constant('vm-1a2b3c4d-18'), names);
const digits = fc.option(fc.bigInt({ min: 0n, max: 10n ** 25n }).map(String));
const times = fc.integer({ min: 0, max: 4_000_000_000_000 });

/** Difficulty and hashes as a Bitcoin share has them, and as any other may. */
const works = fc.oneof(
  fc.record({ difficulty: digits, hashes: digits }),
  fc.bigInt({ min: 0n, max: 10n ** 17n }).map((steps) => ({
    difficulty: (steps * 390_625n).toString(),
    hashes: (steps * 2n ** 24n).toString(),
  })),
  fc.integer({ min: 0, max: 1_000_000 }).map((difficulty) => ({
    difficulty: `${difficulty}00000000`.replace(/^0+(?=\d)/, ''),
    hashes: (BigInt(difficulty) * 2n ** 32n).toString(),
  })),
);

const anyShares = fc
  .tuple(
    fc.record(
      {
        kind: fc.constant('share' as const),
        session: ids,
        client_id: fc.string({ minLength: 1 }),
        worker: fc.option(names),
        dialect: fc.oneof(fc.constant('stratum1'), names),
        outcome: fc.oneof(fc.constant('accepted' as const), fc.constantFrom(...OUTCOMES)),
        reason: fc.constantFrom(...REJECTION_REASONS),
        at: times,
      },
      { requiredKeys: ['kind', 'session', 'worker', 'dialect', 'outcome', 'at'] },
    ),
    works,
  )
  .map(([share, work]) => ({ ...share, ...work })) as fc.Arbitrary<Share>;

/** What most are like is rare among all that may be. */
const usualShares = fc.tuple(anyShares, fc.constantFrom('acme.1', 'acme.2')).map(([share, worker]): Share => {
  const { difficulty, hashes, at } = share;
  const own = { session: 'vm-1a2b3c4d-17', worker, dialect: 'stratum1' };
  return { kind: 'share', ...own, outcome: 'accepted', difficulty, hashes, at };
});
const shares = fc.oneof(anyShares, usualShares);

/** An encoder that has been told of a session, its client, and its usage so often; and who reads what it writes. */
const journals = fc
  .record({
    id: ids,
    worker: fc.option(fc.constant('acme.1')),
    dialect: fc.constantFrom('stratum1', 'none'),
    usages: fc.nat(3),
  })
  .map(({ id: session, worker, dialect, usages }) => {
    const encoder = new RecordEncoder(() => 1);
    const reader = new SessionNames();
    const progress = { worker: 'acme.1', dialect: 'stratum1', bytes_sent: 1, bytes_received: 2, ms: 3 };
    const records: JournalRecord[] = [
      { kind: 'open', session, listener: 'main', pool: 'eu:3333', source: '192.0.2.1', at: 1 },
      { kind: 'client', session, client_id: 'acme', worker, dialect, at: 2 },
      ...Array.from({ length: usages }, () => ({ kind: 'usage', session, ...progress, at: 3 }) as const),
    ];
    for (const record of records) decode(encoder.record(record), reader);
    return { encoder, names: reader };
  });

function decode(line: string, reader = new SessionNames()): ReadRecord | undefined {
  const bytes = Buffer.from(line);
  return decodeRecord(bytes, 0, bytes.length - 1, reader);
}

/** A line as the format is described: the record as JSON, and the checksum of what stands before it. */
function plainLine(record: object): string {
  const text = JSON.stringify(record).slice(0, -1);
  return `${text},"crc":"${crc32(text).toString(16).padStart(8, '0')}"}\n`;
}

/** As the line has it: a name from outside is cleaned. */
function written(share: Share): Share {
  const fact = { ...share };
  delete fact.spelled;
  return { ...fact, worker: share.worker === null ? null : cleanText(share.worker) };
}

/** The line of a share as it is written. */
function shareLine(encoder: RecordEncoder, share: ShareFact, at: number): string {
  const lines = new TurnLines();
  encoder.share(share, at, lines);
  return lines.bytes.toString('utf8', 0, lines.length);
}

/** What a line says, read as JSON only. */
function asJson(line: Buffer, reader: SessionNames): JournalLine | undefined {
  const body = line.subarray(0, -18);
  const isWhole =
    line.toString('latin1', body.length) === `,"crc":"${crc32(body).toString(16).padStart(8, '0')}"}`;
  return isWhole ? readJson(body.toString('utf8'), reader) : undefined;
}

describe('encodeRecord', () => {
  it('writes plain JSON with the checksum of what stands before it', () => {
    fc.assert(
      fc.property(shares, (share) => {
        expect(encodeRecord(written(share))).toBe(plainLine(written(share)));
        expect(plain(decode(encodeRecord(written(share))))).toEqual(written(share));
      }),
    );
  });
});

describe('RecordEncoder', () => {
  it('writes what is read as the same share, but for what its session has said', () => {
    fc.assert(
      fc.property(journals, shares, times, ({ encoder, names: reader }, share, later) => {
        // Twice, since the second one may be spelled by the first.
        for (const at of [share.at, later]) {
          const read = plain(decode(shareLine(encoder, share, at), reader));
          const said = { worker: 'acme.1', dialect: 'stratum1' };
          expect({ ...(share.client_id === undefined ? said : {}), ...read }).toEqual({
            ...written(share),
            at,
          });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('spells the same fact anew once its session has said something else', () => {
    const encoder = new RecordEncoder(() => 1);
    const [session, worker, dialect, at] = ['vm-1', 'acme.1', 'stratum1', 1];
    const work = { outcome: 'accepted', difficulty: '390625', hashes: '16777216' } as const;
    const fact: ShareFact = { kind: 'share', session, worker, dialect, ...work };
    const moved = { bytes_sent: 1, bytes_received: 1, ms: 1 };
    const says = () => JSON.parse(shareLine(encoder, fact, at)) as object;
    encoder.record({ kind: 'open', session, listener: 'main', pool: 'p:1', source: '192.0.2.1', at });
    expect(says()).toMatchObject({ worker, dialect });
    encoder.record({ kind: 'client', session, client_id: 'acme', worker, dialect, at });
    expect(says()).not.toHaveProperty('worker');
    encoder.record({ kind: 'usage', session, worker, dialect: 'kaspa', ...moved, at });
    expect(says()).toMatchObject({ worker, dialect });
    // What is said twice is known, and is another dialect than the fact's.
    encoder.record({ kind: 'usage', session, worker, dialect: 'kaspa', ...moved, at });
    expect(says()).toMatchObject({ dialect });
  });

  it('writes one line for each share, whatever is in its names', () => {
    fc.assert(
      fc.property(journals, shares, ({ encoder }, share) => {
        const line = shareLine(encoder, share, 1);
        expect(line.indexOf('\n')).toBe(line.length - 1);
      }),
    );
  });
});

describe('decodeRecord', () => {
  const share = { kind: 'share', session: 's', worker: 'w', dialect: 'd', outcome: 'accepted' } as const;
  const read = (more: object) =>
    decode(plainLine({ ...share, difficulty: '1', hashes: '1', at: 1, ...more }));

  it('takes no record for a client without a name', () => {
    expect(read({ client_id: 'acme' })).toMatchObject({ client_id: 'acme' });
    expect(read({ client_id: '' })).toBeUndefined();
    expect(read({ client_id: 7 })).toBeUndefined();
    expect(read({ kind: 'foreign', count: 1, client_id: null })).toBeUndefined();
  });

  it('takes no record for a share whose outcome or work nobody knows', () => {
    expect(read({ outcome: 'later' })).toBeUndefined();
    const short = (more: object) =>
      decode(plainLine({ share: 'accepted', s: 1, d: '390625', at: 1, ...more }));
    expect(short({})).toMatchObject({ kind: 'usual', units: 390_625 });
    expect(short({ hashes: null })).toMatchObject({ kind: 'share', hashes: null });
    expect(short({ hashes: '1.5' })).toBeUndefined();
    expect(short({ d: 390625 })).toBeUndefined();
    expect(short({ s: -1 })).toBeUndefined();
    expect(short({ s: '1' })).toBeUndefined();
  });

  it('reads a usual share without JSON as JSON would say it', () => {
    let usual = 0;
    fc.assert(
      fc.property(journals, shares, ({ encoder, names: reader }, record) => {
        const line = Buffer.from(shareLine(encoder, record, record.at).slice(0, -1));
        const fast = decodeRecord(line, 0, line.length, reader);
        if (fast?.kind === 'usual') usual += 1;
        expect(plain(fast)).toEqual(asJson(line, reader));
      }),
      { numRuns: 1_000 },
    );
    expect(usual).toBeGreaterThan(20);
  });

  it('reads a line with any one byte damaged as JSON would: not at all', () => {
    fc.assert(
      fc.property(
        journals,
        shares,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (journal, record, place, by) => {
          const { encoder, names: reader } = journal;
          const line = Buffer.from(shareLine(encoder, record, record.at).slice(0, -1));
          const at = place % line.length;
          line[at] = line[at]! ^ by;
          const fast = plain(decodeRecord(line, 0, line.length, reader));
          expect(fast).toEqual(asJson(line, reader));
          expect(fast).toBeUndefined();
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('agrees with JSON on lines with a good checksum that no encoder here writes', () => {
    const odd = [
      '{"share":"accepted","s":017,"d":"390625","at":1',
      '{"share":"accepted","s":17,"d":"0390625","at":1',
      '{"share":"accepted","s":17,"d":"","at":1',
      '{"share":"accepted","s":17,"d":"0","at":0',
      '{"share":"accepted","s":17,"d":"390625","at":01',
      '{"share":"accepted","s":17,"d":"390625","at":1.5',
      '{"share":"accepted","s":17,"d":"390625","at":1e3',
      '{"share":"accepted","s":17,"d":"390625","at":253402300800000',
      '{"share":"accepted","s":9999999999999999,"d":"390625","at":1',
      '{"share":"accepted","s":999999999999999,"d":"390625","at":1',
      '{"share":"accepted","s":17,"d":"999999999921875","at":1',
      '{"share":"accepted","s":17,"d":"9999999999609375","at":1',
      '{"share":"accepted","s":17,"worker":"","d":"390625","at":1',
      '{"share":"accepted","s":17,"worker":"a\\u0062","d":"390625","at":1',
      '{"share":"accepted","s":17,"worker":"ü","d":"390625","at":1',
      '{"share":"accepted","s":17,"worker":"a\tb","d":"390625","at":1',
      '{"share":"accepted","s":17,"worker":null,"d":"390625","at":1',
      '{"share":"accepted","s":17,"d":"390625","at":1,"more":2',
      '{"share":"accepted","s":17,"d":"390625","hashes":"5","at":1',
      '{"share":"accepted","s":17,"d":"390625","hashes":"05","at":1',
      '{"share":"accepted","s":17,"d":"390625","hashes":"9999999999999999","at":1',
      '{"share":"accepted","s":17,"d":"390625","hashes":null,"at":1',
      '{"share":"accepted","s":17,"d":"100","at":1',
      '{"share":"accepted","s":17,"d":null,"at":1',
      ' {"share":"accepted","s":17,"d":"390625","at":1',
      '{"share":"accepted","s":17,"d":"390625","at":1 ',
    ];
    for (const text of odd) {
      const line = Buffer.from(sealed(text).slice(0, -1));
      const reader = new SessionNames('vm-');
      const fast = decodeRecord(line, 0, line.length, reader);
      const slow = asJson(line, reader);
      // Hashes that are the difficulty's are the same however they are spelled.
      expect([text, plain(fast)]).toEqual([text, slow]);
    }
  });
});
