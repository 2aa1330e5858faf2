import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import { cleanText } from './clean-text';
import { decodeRecord, encodeRecord, encodeShare } from './record-codec';
import type { JournalRecord, ShareFact, ShareOutcome } from './record';

type Share = ShareFact & { readonly at: number };

const OUTCOMES: readonly ShareOutcome[] = ['accepted', 'accepted_stale', 'rejected', 'unknown', 'unanswered'];
const names: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constant('"\\\u2028\u0000{}'),
);
const digits = fc.option(fc.bigInt({ min: 0n, max: 10n ** 25n }).map(String));

const shares = fc.record(
  {
    kind: fc.constant('share' as const),
    session: names,
    client_id: fc.string({ minLength: 1 }),
    worker: fc.option(names),
    dialect: names,
    outcome: fc.constantFrom(...OUTCOMES),
    reason: fc.constantFrom(...REJECTION_REASONS),
    difficulty: digits,
    hashes: digits,
    at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
  },
  { requiredKeys: ['kind', 'session', 'worker', 'dialect', 'outcome', 'difficulty', 'hashes', 'at'] },
) as fc.Arbitrary<Share>;

/** A line as the format is described: the record as JSON, and the checksum of what stands before it. */
function plainLine(record: JournalRecord): string {
  const text = JSON.stringify(record).slice(0, -1);
  return `${text},"crc":"${crc32(text).toString(16).padStart(8, '0')}"}\n`;
}

/** As the line has it: a name from outside is cleaned. */
function written(share: Share): Share {
  return { ...share, worker: share.worker === null ? null : cleanText(share.worker) };
}

describe('encodeShare', () => {
  it('writes what plain JSON would', () => {
    fc.assert(
      fc.property(shares, (share) => {
        expect(encodeShare(share, share.at)).toBe(plainLine(written(share)));
        expect(encodeShare(share, share.at)).toBe(encodeRecord(written(share)));
      }),
    );
  });

  it('writes what is read as the same share', () => {
    fc.assert(
      fc.property(shares, (share) => {
        const line = encodeShare(share, share.at).slice(0, -1);
        expect(decodeRecord(Buffer.from(line))).toEqual(written(share));
      }),
    );
  });
});

describe('decodeRecord', () => {
  const share = { kind: 'share', session: 's', worker: 'w', dialect: 'd', outcome: 'accepted' } as const;
  const line = (more: object): Buffer =>
    Buffer.from(plainLine({ ...share, difficulty: '1', hashes: '1', at: 1, ...more }).slice(0, -1));

  it('takes no record for a client without a name', () => {
    expect(decodeRecord(line({ client_id: 'acme' }))).toMatchObject({ client_id: 'acme' });
    expect(decodeRecord(line({ client_id: '' }))).toBeUndefined();
    expect(decodeRecord(line({ client_id: 7 }))).toBeUndefined();
    expect(decodeRecord(line({ kind: 'foreign', count: 1, client_id: null }))).toBeUndefined();
  });
});
