import { BITCOIN_ADDRESSES, LITECOIN_ADDRESSES, addressOf, scriptOf } from './address';

/** Of BIP 350, and two well-known ones. */
const BITCOIN = [
  ['1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', '76a91477bff20c60e522dfaa3350c39b030a5d004e839a88ac'],
  ['3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy', 'a914b472a266d0bd89c13706a4132ccfb16f7c3b9fcb87'],
  ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', '0014751e76e8199196d454941c45d1b3a323f1433bd6'],
  [
    'bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y',
    '5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6',
  ],
  ['bc1sw50qgdz25j', '6002751e'],
  ['bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs', '5210751e76e8199196d454941c45d1b3a323'],
  [
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
    '512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
  ],
] as const;

const OTHERS = [
  ['BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4', '0014751e76e8199196d454941c45d1b3a323f1433bd6'],
  [
    'tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7',
    '00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262',
  ],
  [
    'tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c',
    '5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433',
  ],
] as const;

describe('an address', () => {
  it.each(BITCOIN)('%s is paid by its script, and the other way round', (address, script) => {
    expect(scriptOf(address)?.toString('hex')).toBe(script);
    expect(addressOf(Buffer.from(script, 'hex'), BITCOIN_ADDRESSES)).toBe(address);
  });

  it.each(OTHERS)('%s is paid by its script, whichever chain it is of', (address, script) => {
    expect(scriptOf(address)?.toString('hex')).toBe(script);
  });

  it('is spelled as the chain does', () => {
    const [keyHash, scriptHash, witness] = BITCOIN.map(([, script]) => Buffer.from(script, 'hex'));
    for (const script of [keyHash!, scriptHash!, witness!]) {
      const address = addressOf(script, LITECOIN_ADDRESSES)!;
      expect(address).toMatch(/^(L|M|ltc1)/);
      expect(scriptOf(address)).toEqual(script);
    }
  });

  it.each([
    ['a mistyped one', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3'],
    ['one of a chain that is not known', '7SeEnXWPaCCALbVrTnszCVGfRU8cGfx'],
    ['version 0 in the code of version 1', 'bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47'],
    ['version 1 in the code of version 0', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd'],
    ['a program that is too short', 'BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P'],
    ['mixed case', 'bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
    ['nothing', ''],
    ['a text', 'acme.rig1'],
  ])('is none where there is %s', (_, text) => {
    expect(scriptOf(text)).toBeUndefined();
  });

  it.each([
    ['a commitment', `6a24aa21a9ed${'00'.repeat(32)}`],
    ['a bare key', `21${'02'.repeat(33)}ac`],
    ['a witness program of another length than it says', '001476'],
    ['nothing', ''],
  ])('has no usual form for %s', (_, script) => {
    expect(addressOf(Buffer.from(script, 'hex'), BITCOIN_ADDRESSES)).toBeUndefined();
  });
});
