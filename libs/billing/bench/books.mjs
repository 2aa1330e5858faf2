import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '../../..');
const SOURCES = {
  codec: 'journal/records/record-codec.ts',
  encoder: 'journal/records/record-encoder.ts',
  lines: 'journal/records/turn-lines.ts',
  reader: 'journal/journal-reader.ts',
  fold: 'ledger/fold/fold.ts',
};

/**
 * What a checkout journals with: `encode(shares)` makes the lines of one turn, as bytes; `encoded(record)` the line of
 * another record; `fold(directory)` reads a journal and adds it up, and returns the accepted shares.
 */
export async function booksOf(name, checkout) {
  const lib = resolve(checkout, 'libs/billing/src/lib');
  const there = Object.entries(SOURCES).filter(([, path]) => existsSync(resolve(lib, path)));
  const build = await rolldown({
    input: Object.fromEntries(there.map(([key, path]) => [key, resolve(lib, path)])),
    platform: 'node',
    tsconfig: resolve(checkout, 'tsconfig.base.json'),
  });
  const dir = resolve(root, 'tmp/books', name);
  mkdirSync(dir, { recursive: true });
  await build.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
  });
  await build.close();
  const modules = {};
  for (const [key] of there) modules[key] = await import(pathToFileURL(resolve(dir, `${key}.mjs`)).href);
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
