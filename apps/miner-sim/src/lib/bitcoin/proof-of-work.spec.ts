import { PROOFS_OF_WORK } from './proof-of-work';
import { meetsTarget } from './target';

const printed = (hash: Buffer) => Buffer.from(hash).reverse().toString('hex');

describe('scrypt', () => {
  const { hash, targets, oneHashDifficulty } = PROOFS_OF_WORK.scrypt;
  /** A header of Litecoin's chain, and its hash: the first vector of Litecoin Core's test of scrypt. */
  const header = Buffer.from(
    '020000004c1271c211717198227392b029a64a7971931d351b387bb80db027f270411e398a07046f7d4a08dd815412a8712f874a7ebf0507e3878bd24e20a3b73fd750a667d2f451eac7471b00de6659',
    'hex',
  );

  it('hashes a header of Litecoin as its chain has it', () => {
    expect(printed(hash(header))).toBe('00000000002bef4107f882f6115e0b01f348d21195dacd3582aa2dabd7985806');
  });

  it('has a difficulty 1 that is 65,536 times as easy as that of Bitcoin', () => {
    expect(targets.of(1)).toMatchObject({ difficulty: 1, hashes: 65_536 });
    expect(targets.of(1).bytes.toString('hex')).toBe(`0000ffff${'0'.repeat(56)}`);
    expect(targets.of(oneHashDifficulty)).toMatchObject({ hashes: 1 });
    // By its hash the header above meets 97,756,736 and no more.
    expect([97_756_736, 97_756_737].map((at) => meetsTarget(hash(header), targets.of(at).bytes))).toEqual([
      true,
      false,
    ]);
  });
});
