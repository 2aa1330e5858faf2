import { forEverySplit, inPieces } from '../../testing';
import { LineFramer } from './framing';

const TEXT = Buffer.from('one\ntwo\r\n\nGrüße 矿机\nrest');
const LINES = ['one', 'two\r', '', 'Grüße 矿机'];

function framed(pieces: readonly Uint8Array[], maxLineBytes = 64): { seen: string[]; pendingBytes: number } {
  const seen: string[] = [];
  const framer = new LineFramer(maxLineBytes, {
    line: (bytes, start, end) => seen.push(bytes.toString('utf8', start, end)),
    oversize: () => seen.push('OVERSIZE'),
  });
  for (const piece of pieces) {
    const reused = Buffer.from(piece);
    framer.push(reused);
    reused.fill(0x21); // the owner of a chunk may overwrite it at once
  }
  return { seen, pendingBytes: framer.pendingBytes };
}

describe('LineFramer', () => {
  it('finds the same lines wherever the stream is cut', () => {
    forEverySplit(TEXT, (pieces) => expect(framed(pieces)).toEqual({ seen: LINES, pendingBytes: 4 }));
    for (const size of [1, 2, 3, 5]) expect(framed(inPieces(TEXT, size)).seen).toEqual(LINES);
  });

  it('keeps nothing between whole lines', () => {
    expect(framed([Buffer.from('a\nb\n')])).toEqual({ seen: ['a', 'b'], pendingBytes: 0 });
    expect(framed([Buffer.from('a'), Buffer.from('\n')])).toEqual({ seen: ['a'], pendingBytes: 0 });
  });

  it('takes a line of exactly the limit and skips a longer one, wherever it is cut', () => {
    const text = Buffer.from(`${'x'.repeat(16)}\n${'y'.repeat(17)}\nz\n`);
    const expected = ['x'.repeat(16), 'OVERSIZE', 'z'];
    forEverySplit(text, (pieces) => expect(framed(pieces, 16).seen).toEqual(expected));
    expect(framed(inPieces(text, 1), 16).seen).toEqual(expected);
  });

  it('tells an endless line once and keeps none of it', () => {
    const pieces = Array.from({ length: 1000 }, () => Buffer.alloc(100, 0x61));
    expect(framed(pieces)).toEqual({ seen: ['OVERSIZE'], pendingBytes: 0 });
  });
});
