import { readCoinbase } from './coinbase';

const hex = (text: string) => Buffer.from(text, 'hex');
const NO_OUTPUT = `01${'00'.repeat(32)}ffffffff`;
const VERSION = '01000000';
const END = '00000000';
const SEQUENCE = 'ffffffff';
/** One coin to a hash of a key. */
const OUTPUT = `00e1f505000000001976a914${'ab'.repeat(20)}88ac`;

const coinbase = (script: string, outputs = `01${OUTPUT}`, head = VERSION + NO_OUTPUT) =>
  hex(`${head}${(script.length / 2).toString(16).padStart(2, '0')}${script}${SEQUENCE}${outputs}${END}`);

/** Bitcoin's first block. */
const GENESIS = hex(
  `${VERSION}${NO_OUTPUT}4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e20627269` +
    '6e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe554827' +
    '1967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6b' +
    'f11d5fac00000000',
);

/** The job that pools' documents of `mining.notify` show, of a test chain, with its extranonces. */
const STRATUM_EXAMPLE = hex(
  `${VERSION}${NO_OUTPUT}20020862062f503253482f04b8864e50080800000200000001072f736c7573682f000000000100f2052a01000000` +
    '1976a914d23fcdf86f7e756a64a7a9688ef9903327048ed988ac00000000',
);

describe('a coinbase', () => {
  it("says whom Bitcoin's first block paid", () => {
    const [output, ...others] = readCoinbase(GENESIS)!.outputs;
    expect(output!.value).toBe(5_000_000_000n);
    expect(output!.script).toHaveLength(67);
    expect(others).toEqual([]);
  });

  it('says height and payout of a job as pools document it', () => {
    const { height, outputs } = readCoinbase(STRATUM_EXAMPLE)!;
    expect(height).toBe(25_096);
    expect(outputs.map(({ value, script }) => [value, script.toString('hex')])).toEqual([
      [5_000_000_000n, '76a914d23fcdf86f7e756a64a7a9688ef9903327048ed988ac'],
    ]);
  });

  it.each([
    ['00', 0],
    ['51', 1],
    ['60', 16],
    ['0111', 17],
    ['017f', 127],
    ['028000', 128],
    // The first block that had to say it, and one of today.
    ['03fc7903', 227_836],
    ['03a0bb0d2f6162632f', 900_000],
    ['04ffffff7f', 2_147_483_647],
  ])('reads the height of BIP 34 in %s as %i', (script, height) => {
    expect(readCoinbase(coinbase(script))!.height).toBe(height);
  });

  it.each([
    ['a number that is longer than it has to be', '020100'],
    ['one below zero', '0181'],
    ['one that is cut off', '0301'],
    ['a text', '0768656c6c6f2121'],
    ['nothing at all', ''],
  ])('finds no height where its script begins with %s', (_, script) => {
    expect(readCoinbase(coinbase(script))).toMatchObject({ height: undefined });
  });

  it('is none however it is cut off', () => {
    for (let length = 0; length < STRATUM_EXAMPLE.length; length += 1) {
      expect(readCoinbase(STRATUM_EXAMPLE.subarray(0, length))).toBeUndefined();
    }
  });

  it.each([
    ['something stands behind its end', Buffer.concat([STRATUM_EXAMPLE, hex('00')])],
    ['it spends an output', coinbase('51', `01${OUTPUT}`, `${VERSION}01${'11'.repeat(32)}00000000`)],
    ['it has two inputs', coinbase('51', `01${OUTPUT}`, `${VERSION}02${'00'.repeat(32)}ffffffff`)],
    ['it has witnesses', coinbase('51', `01${OUTPUT}`, `${VERSION}0001${NO_OUTPUT}`)],
    ['it pays nobody', coinbase('51', '00')],
    ['it says that more outputs follow than it has', coinbase('51', `02${OUTPUT}`)],
    ['it counts outputs beyond all bytes', coinbase('51', `ffffffffffffffffff${OUTPUT}`)],
    ['a script is longer than all that is left', coinbase('51', `0100e1f50500000000fe00000080`)],
    ['a length is nested in a length that is cut off', coinbase('51', `0100e1f50500000000ff0000`)],
  ])('is none where %s', (_, bytes) => {
    expect(readCoinbase(bytes)).toBeUndefined();
  });

  it('does not fall over whatever bytes are in it', () => {
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647);
    for (let turn = 0; turn < 3_000; turn += 1) {
      const bytes = Buffer.from(STRATUM_EXAMPLE);
      for (let times = random() % 4; times >= 0; times -= 1) bytes[random() % bytes.length] = random() % 256;
      const found = readCoinbase(bytes);
      if (found) expect(found.outputs.length).toBeGreaterThan(0);
    }
  });

  it('reads thousands of outputs', () => {
    const outputs = `fdd007${OUTPUT.repeat(2_000)}`;
    expect(readCoinbase(coinbase('51', outputs))!.outputs).toHaveLength(2_000);
  });
});
