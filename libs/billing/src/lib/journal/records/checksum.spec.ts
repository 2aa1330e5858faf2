import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { NO_SUM, digitsOf, hasDigits, putDigits, sumBytes } from './checksum';

describe('a checksum', () => {
  it('is the CRC-32 of the bytes, in however many parts they come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (array, place) => {
        const bytes = Buffer.from(array);
        const cut = Math.min(place, bytes.length);
        const sum = sumBytes(sumBytes(NO_SUM, bytes, 0, cut), bytes, cut, bytes.length);
        const digits = crc32(bytes).toString(16).padStart(8, '0');
        expect(digitsOf(sum)).toBe(digits);
        const room = Buffer.alloc(10);
        putDigits(sum, room, 1);
        expect(room.toString('latin1')).toBe(`\0${digits}\0`);
        expect(hasDigits(sum, Buffer.from(`x${digits}`), 1)).toBe(true);
        expect(hasDigits(sum ^ (1 << (place % 32)), Buffer.from(digits), 0)).toBe(false);
      }),
    );
  });
});
