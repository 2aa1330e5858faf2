import { layOut } from './desk';
import { RecentTexts } from './recent-texts';

function decode(texts: RecentTexts, bytes: Buffer): string {
  const line = Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]);
  const start = layOut(line, 0, line.length) + 1;
  return texts.decode(start, start + bytes.length);
}

describe('RecentTexts', () => {
  it('decodes what it is given, whatever it remembers', () => {
    const texts = new RecentTexts();
    const jobs = ['a1', 'a2', 'a', 'b17', 'é', 'c', '66b3a1f2', '66b3a1f3', '66b3a1f20', 'a1', '矿', 'abcé'];
    for (const job of [...jobs, ...jobs]) expect(decode(texts, Buffer.from(job))).toBe(job);
  });

  it('does not take a broken text for one that it remembers', () => {
    const texts = new RecentTexts();
    expect(decode(texts, Buffer.from('é'))).toBe('é');
    expect(decode(texts, Buffer.from([0xe9]))).toBe('\ufffd');
    expect(decode(texts, Buffer.from('Łabc'))).toBe('Łabc');
    expect(decode(texts, Buffer.from('Aabc'))).toBe('Aabc');
  });
});
