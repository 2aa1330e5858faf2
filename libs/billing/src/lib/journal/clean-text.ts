const MAX_BYTES = 128;

/** One of the halves that make up a character beyond the first 65,536. */
const LONE_HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * A name from outside as the journal keeps it: at most 128 bytes, and made of characters that every database
 * takes and tells apart. A NUL or half a character in a worker's name would otherwise stop the ledger.
 */
export function cleanText(text: string): string {
  const clean = text.replaceAll('\u0000', '\ufffd').replace(LONE_HALF, '\ufffd');
  if (clean.length <= MAX_BYTES / 3 || Buffer.byteLength(clean) <= MAX_BYTES) return clean;
  const bytes = Buffer.from(clean);
  let end = MAX_BYTES;
  // 10xxxxxx continues a character: cut before the one that does not fit.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
