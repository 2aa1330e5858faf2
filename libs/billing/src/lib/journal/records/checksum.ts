/** CRC-32 in TypeScript: of lines as short as a record's, this takes less than calling zlib does. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});

/** The same for a byte that has one, two and three bytes behind it: four at a time do not wait for each other. */
const [SECOND, THIRD, FOURTH] = [behind(TABLE), behind(behind(TABLE)), behind(behind(behind(TABLE)))];

function behind(table: Int32Array): Int32Array {
  return table.map((sum) => (TABLE[sum & 0xff] ?? 0) ^ (sum >>> 8));
}

/** Both digits of a byte: cheaper to look up than to make with `toString(16)` and padding. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A checksum of nothing yet. It goes on with `sumBytes`, and ends with `digitsOf`, `putDigits` or `hasDigits`. */
export const NO_SUM = -1;

/** The checksum with some bytes behind what it has. */
export function sumBytes(sum: number, bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const low = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    const four = sum ^ (low | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24));
    sum =
      (FOURTH[four & 0xff] ?? 0) ^
      (THIRD[(four >>> 8) & 0xff] ?? 0) ^
      (SECOND[(four >>> 16) & 0xff] ?? 0) ^
      (TABLE[four >>> 24] ?? 0);
  }
  for (; at < to; at += 1) {
    sum = (TABLE[(sum ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  }
  return sum;
}

/** The eight digits of the checksum. */
export function digitsOf(sum: number): string {
  const crc = ~sum;
  return `${HEX[crc >>> 24]}${HEX[(crc >>> 16) & 0xff]}${HEX[(crc >>> 8) & 0xff]}${HEX[crc & 0xff]}`;
}

/** Puts the eight digits of the checksum at `at`. */
export function putDigits(sum: number, bytes: Uint8Array, at: number): void {
  for (let digit = 0; digit < 8; digit += 1) bytes[at + digit] = digitOf(sum, digit);
}

/** Whether the bytes at `at` are the eight digits of the checksum. */
export function hasDigits(sum: number, bytes: Uint8Array, at: number): boolean {
  for (let digit = 0; digit < 8; digit += 1) if (bytes[at + digit] !== digitOf(sum, digit)) return false;
  return true;
}

/** One of the eight digits, as its character. */
function digitOf(sum: number, digit: number): number {
  const value = (~sum >>> (28 - 4 * digit)) & 0xf;
  return value < 10 ? 48 + value : 87 + value;
}
