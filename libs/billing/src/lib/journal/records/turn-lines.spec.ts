import { encodeRecord } from './record-codec';
import { NO_SUM, sumBytes } from './checksum';
import { TurnLines } from './turn-lines';

const text = ({ bytes, length }: TurnLines) => bytes.toString('utf8', 0, length);

function addTick(lines: TurnLines, at: number): void {
  const head = Buffer.from('{"kind":"tick","at":');
  lines.addTimed(head, sumBytes(NO_SUM, head, 0, head.length), at);
}

describe('TurnLines', () => {
  it('has a line that ends in its time as the same record is spelled', () => {
    const lines = new TurnLines();
    for (const at of [0, 7, 1_790_000_000_000, 1_790_000_000_000]) addTick(lines, at);
    const records = [0, 7, 1_790_000_000_000, 1_790_000_000_000].map((at) =>
      encodeRecord({ kind: 'tick', at }),
    );
    expect(text(lines)).toBe(records.join(''));
  });

  it('takes more than its usual memory holds, and lets go of it afterwards', () => {
    const lines = new TurnLines();
    const usual = lines.bytes.length;
    const long = `${'é'.repeat(40_000)}\n`;
    lines.add(long);
    for (let at = 0; at < 3_000; at += 1) addTick(lines, at);
    lines.add(long);
    expect(text(lines).startsWith(long)).toBe(true);
    expect(text(lines).endsWith(`${encodeRecord({ kind: 'tick', at: 2_999 })}${long}`)).toBe(true);
    lines.clear();
    expect(lines.bytes.length).toBe(usual);
    addTick(lines, 1);
    expect(text(lines)).toBe(encodeRecord({ kind: 'tick', at: 1 }));
  });
});
