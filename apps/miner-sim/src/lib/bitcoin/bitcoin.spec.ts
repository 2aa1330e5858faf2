import { buildCoinbase, compactSize, pushHeight } from './coinbase';
import { HEADER_BYTES, hex32, swapWords, writeHeader } from './header';
import { merkleBranches, merkleRoot } from './merkle';
import { sha256d } from './sha256d';
import { hashesOfDifficulty, meetsTarget, ONE_HASH_DIFFICULTY, targetOfDifficulty } from './target';

/** Explorers print hashes in the reverse of internal order. */
const internal = (printed: string) => Buffer.from(printed, 'hex').reverse();
const printed = (hash: Buffer) => Buffer.from(hash).reverse().toString('hex');

describe('header', () => {
  it('hashes to the block hash of block 125552', () => {
    const header = Buffer.alloc(HEADER_BYTES);
    writeHeader(header, {
      version: 1,
      previous: internal('00000000000008a3a41b85b8b29ad444def299fee21793cd8b9e567eab02cd81'),
      root: internal('2b12fcf1b09288fcaff797d71e950e71ae42b91e8bdb2304758dfcffc2b620e3'),
      ntime: 0x4dd7f5c7,
      nbits: 0x1a44b9f2,
      nonce: 0x9546a142,
    });
    expect(printed(sha256d(header))).toBe('00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d');
  });

  it('turns the bytes of each word round and back', () => {
    const hash = Buffer.from(Array.from({ length: 32 }, (_, n) => n));
    expect(swapWords(hash).subarray(0, 8).toString('hex')).toBe('0302010007060504');
    expect(swapWords(swapWords(hash))).toEqual(hash);
  });

  it('writes numbers as eight digits', () => {
    expect(hex32(0x1a)).toBe('0000001a');
    expect(hex32(0xffffffff)).toBe('ffffffff');
  });
});

describe('merkle', () => {
  // Block 100000.
  const txids = [
    '8c14f0db3df150123e6f3dbbf30f8b955a8249b62ac1d1ff16284aefa3d06d87',
    'fff2525b8931402dd09222c50775608f75787bd2b87e56995a7bdd30f79702c4',
    '6359f0868171b1d194cbee1af2f16ea598ae8fad666d9b012c8ed2b79a236ec4',
    'e9a66845e05d5abc0ad04ec80f774a7e585c6e8db975962d069a522137b80c1d',
  ].map(internal);

  it('gives the root of block 100000 from its coinbase and branches', () => {
    const root = merkleRoot(txids[0]!, merkleBranches(txids));
    expect(printed(root)).toBe('f3e94742aca4b5ef85488dc37c06c3282295ffec960994b2c0d5ac2a25a95766');
  });

  it('is the coinbase itself in a block without other transactions', () => {
    expect(merkleRoot(txids[0]!, [])).toEqual(txids[0]);
  });

  it('pairs the last hash of an odd level with itself', () => {
    const three = txids.slice(0, 3);
    const right = sha256d(Buffer.concat([three[2]!, three[2]!]));
    expect(merkleBranches(three)).toEqual([three[1], right]);
  });
});

describe('coinbase', () => {
  it('pushes the height as BIP 34 says', () => {
    expect(pushHeight(227_931).toString('hex')).toBe('035b7a03');
    expect(pushHeight(0x80).toString('hex')).toBe('028000');
    expect(pushHeight(16).toString('hex')).toBe('60');
  });

  it('declares the script length that extranonces fill exactly', () => {
    const { coinb1, coinb2 } = buildCoinbase({ height: 840_000, extranonceBytes: 12, furtherPayouts: 0 });
    const scriptAt = 4 + 1 + 36 + 1;
    const script = Buffer.concat([coinb1.subarray(scriptAt), Buffer.alloc(12), coinb2]);
    const declared = coinb1[scriptAt - 1]!;
    expect(script.subarray(declared, declared + 4).toString('hex')).toBe('ffffffff');
  });

  it('counts more than 252 payouts in three bytes', () => {
    expect(compactSize(252).toString('hex')).toBe('fc');
    expect(compactSize(531).toString('hex')).toBe('fd1302');
  });
});

describe('target', () => {
  it('is 0xffff * 2^208 at difficulty 1', () => {
    expect(targetOfDifficulty(1).toString('hex')).toBe(`00000000ffff${'0'.repeat(52)}`);
  });

  it('halves when the difficulty doubles and is exact for fractions', () => {
    expect(targetOfDifficulty(2).toString('hex')).toBe(`000000007fff8${'0'.repeat(51)}`);
    expect(targetOfDifficulty(0.5).toString('hex')).toBe(`00000001fffe${'0'.repeat(52)}`);
    expect(targetOfDifficulty(ONE_HASH_DIFFICULTY).toString('hex')).toBe(`ffff${'0'.repeat(60)}`);
  });

  it('is never more than any hash', () => {
    expect(targetOfDifficulty(1e-30).toString('hex')).toBe('f'.repeat(64));
  });

  it('refuses what is not a difficulty', () => {
    for (const wrong of [0, -1, Number.NaN, Infinity])
      expect(() => targetOfDifficulty(wrong)).toThrow(RangeError);
  });

  it('is met by a hash that equals it and missed by one more', () => {
    const target = targetOfDifficulty(1);
    const equal = Buffer.from(target).reverse();
    const above = Buffer.from(equal);
    above[0] = 1;
    expect(meetsTarget(equal, target)).toBe(true);
    expect(meetsTarget(above, target)).toBe(false);
  });

  it('says how many hashes a share is expected to take', () => {
    expect(hashesOfDifficulty(1)).toBe(2 ** 32);
    expect(hashesOfDifficulty(ONE_HASH_DIFFICULTY)).toBe(1);
    expect(hashesOfDifficulty(1e-6)).toBe(4295);
  });
});
