import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** The segments of a proxy's journal, in order, as they are on the disk. */
function segmentsOf(dataDirectory) {
  const directory = join(dataDirectory, 'journal');
  const names = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
  return names.sort().map((name) => ({ segment: Number(name.slice(0, -6)), path: join(directory, name) }));
}

/** What each kind of record takes: bytes, LF included, by kind; and what is left of a byte once it is compressed. */
export function journalFigures(dataDirectory) {
  const kinds = {};
  let bytes = 0;
  let compressed = 0;
  for (const { path } of segmentsOf(dataDirectory)) {
    const text = readFileSync(path);
    bytes += text.length;
    compressed += gzipSync(text).length;
    for (const line of text.toString('latin1').split('\n').slice(0, -1)) {
      const [, kindOf, share] = /^\{"(?:kind":"(\w+)"|(share)":)/.exec(line) ?? [];
      const kind = kindOf ?? share ?? 'damaged';
      const sum = (kinds[kind] ??= { records: 0, bytes: 0 });
      sum.records += 1;
      sum.bytes += line.length + 1;
    }
  }
  return { kinds, bytes, compressedPart: compressed / bytes };
}

/** The place behind the last record. */
export function endOf(dataDirectory) {
  const last = segmentsOf(dataDirectory).at(-1);
  return { segment: last.segment, offset: readFileSync(last.path).length };
}
