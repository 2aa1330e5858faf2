import { modulesOf } from './modules.mjs';

const SOURCES = {
  codec: 'lib/journal/records/record-codec.ts',
  encoder: 'lib/journal/records/record-encoder.ts',
  lines: 'lib/journal/records/turn-lines.ts',
  reader: 'lib/journal/journal-reader.ts',
  fold: 'lib/ledger/fold/fold.ts',
};

/**
 * What a checkout journals with: `encode(shares)` makes the lines of one turn, as bytes; `encoded(record)` the line of
 * another record; `fold(directory)` reads a journal and adds it up, and returns the accepted shares.
 */
export async function booksOf(checkout) {
  const modules = await modulesOf(checkout, 'books', SOURCES);
  return modules.encoder ? present(modules) : firstFormat(modules);
}

function present({ encoder: { RecordEncoder }, lines, reader, fold }) {
  const encoder = new RecordEncoder(() => 1);
  return {
    encoded: (record) => encoder.record(record),
    encode: lines ? intoLines(encoder, new lines.TurnLines()) : asTexts(encoder),
    fold: (directory) =>
      folded(directory, reader.JournalReader, fold.Fold, (from, journal, until) =>
        journal.read(from, until, BATCH),
      ),
  };
}

/** A turn's shares as the bytes that are written, which are valid until the next turn. */
function intoLines(encoder, lines) {
  return (shares, at) => {
    lines.clear();
    for (const share of shares) encoder.share(share, at, lines);
    return lines.bytes.subarray(0, lines.length);
  };
}

/** As it was before shares were put into the turn's bytes. */
function asTexts(encoder) {
  return (shares, at) => Buffer.from(shares.map((share) => encoder.share(share, at)).join(''));
}

/** As it was in the versions that had no other format. */
function firstFormat({ codec, reader, fold }) {
  return {
    encoded: codec.encodeRecord,
    encode: (shares, at) => Buffer.from(shares.map((share) => codec.encodeShare(share, at)).join('')),
    fold: (directory) =>
      folded(directory, reader.JournalReader, fold.Fold, (from, journal, until) => {
        const lines = [];
        for (const line of journal.lines(from, until)) {
          lines.push(line);
          if (lines.length >= BATCH) break;
        }
        return { records: lines.map(({ record }) => record), end: lines.at(-1)?.end };
      }),
  };
}

const BATCH = 20_000;

function folded(directory, JournalReader, Fold, read) {
  const journal = new JournalReader(directory);
  const until = journal.end();
  const sessions = new Map();
  let accepted = 0n;
  for (let from = { segment: 0, offset: 0 }; from;) {
    const { records, end } = read(from, journal, until);
    const fold = new Fold(sessions, 1);
    for (const record of records) fold.add(record);
    for (const { numbers } of fold.book) accepted += numbers.get('accepted') ?? 0n;
    from = end;
  }
  journal.close();
  return Number(accepted);
}
