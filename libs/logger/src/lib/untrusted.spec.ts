import fc from 'fast-check';
import { untrusted } from './untrusted';

describe('untrusted', () => {
  it.each([
    ['acme.rig1', 'acme.rig1'],
    ['Überlingen 🚀 矿工', 'Überlingen 🚀 矿工'],
    ['\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['line\r\nlevel=error', 'line\\u{d}\\u{a}level=error'],
    ['\u0000\u007f\u009b', '\\u{0}\\u{7f}\\u{9b}'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['a\u2028b\u2029c', 'a\\u{2028}b\\u{2029}c'],
    ['\ud800', '\\u{d800}'],
  ])('shows %j as %j', (text, shown) => {
    expect(untrusted(text)).toBe(shown);
  });

  it('cuts after 128 characters, or where it is told to', () => {
    expect(untrusted('x'.repeat(128))).toBe('x'.repeat(128));
    expect(untrusted('x'.repeat(129))).toBe(`${'x'.repeat(128)}…`);
    expect(untrusted('abcdef', 3)).toBe('abc…');
  });

  it('leaves nothing that a terminal acts on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(untrusted(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
