import { RecentTexts } from './recent-texts';

function decode(texts: RecentTexts, bytes: Buffer): string {
  return texts.decode(Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]), 1, 1 + bytes.length);
}

describe('RecentTexts', () => {
  it('decodes what it is given, whatever it remembers', () => {
    const texts = new RecentTexts();
    const jobs = ['a1', 'a2', 'a', 'b17', 'é', 'c', 'd', 'a1', '矿'];
    for (const job of [...jobs, ...jobs]) expect(decode(texts, Buffer.from(job))).toBe(job);
  });

  it('does not take a broken text for one that it remembers', () => {
    const texts = new RecentTexts();
    expect(decode(texts, Buffer.from('é'))).toBe('é');
    expect(decode(texts, Buffer.from([0xe9]))).toBe('\ufffd');
  });
});
