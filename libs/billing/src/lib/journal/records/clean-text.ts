const MAX_BYTES = 128;

/** What nearly no text has. */
const ODD = /[\0\ud800-\udfff]/;

/** One of the halves that make up a character beyond the first 65,536. */
const LONE_HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * A name from outside, made of characters that every database takes and tells apart: a NUL or half a character in it
 * would otherwise stop the ledger.
 */
export function storableText(text: string): string {
  if (!ODD.test(text)) return text;
  return text.replaceAll('\u0000', '\ufffd').replace(LONE_HALF, '\ufffd');
}

/** A worker's name as the journal keeps it: storable, and at most 128 bytes. */
export function cleanText(text: string): string {
  const clean = storableText(text);
  if (clean.length <= MAX_BYTES / 3 || Buffer.byteLength(clean) <= MAX_BYTES) return clean;
  const bytes = Buffer.from(clean);
  let end = MAX_BYTES;
  // 10xxxxxx continues a character: cut before the one that does not fit.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
