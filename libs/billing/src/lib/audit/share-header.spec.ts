import { readJob, readSetExtranonce, readSubmission, readSubscribed, readVersionMask } from './bitcoin-job';
import { hashText, headerOf, sha256d } from './share-header';
import { COINBASE, GENESIS_HASH, genesisJob, genesisSubmit } from './testing/genesis';
import { meets, targetOfBits, targetOfDifficulty } from './target';

const line = (message: object) => JSON.stringify(message);
const genesis = (params?: Partial<Record<number, unknown>>) => line(genesisJob(params));
const submit = (...versionBits: string[]) => line(genesisSubmit(4, '1', ...versionBits));

const EXTRANONCE = { extranonce1: Buffer.from(COINBASE.slice(84, 92), 'hex'), extranonce2Bytes: 4 };

describe('headerOf', () => {
  it("builds the header of Bitcoin's first block out of a job and a submit", () => {
    const header = headerOf(readJob(genesis())!, EXTRANONCE, readSubmission(submit())!, 0);
    expect(hashText(sha256d(header))).toBe(GENESIS_HASH);
  });

  it('has the previous hash as the header has it, which Stratum turns round in words', () => {
    // Block 1 follows the first one.
    const words = '0a8ce26f72b3f1b646a2a6c14ff763ae65831e939c085ae10019d66800000000'.match(/.{8}/g)!;
    const job = readJob(genesis({ 1: words.join('') }))!;
    expect(hashText(job.previousHash)).toBe(GENESIS_HASH);
  });

  it('takes of the version what the mask leaves to the miner, and no other bit', () => {
    const version = (bits: string | undefined, mask: number, job = readJob(genesis({ 5: '20000000' }))!) =>
      headerOf(
        job,
        EXTRANONCE,
        readSubmission(bits === undefined ? submit() : submit(bits))!,
        mask,
      ).readUInt32LE(0);
    expect(version('ffffffff', 0x1fffe000)).toBe(0x3fffe000);
    expect(version('00004000', 0x1fffe000)).toBe(0x20004000);
    expect(version('00004000', 0)).toBe(0x20000000);
    expect(version('00004000', 0x1fffe000, readJob(genesis({ 5: '20008000' })))).toBe(0x20004000);
    expect(version(undefined, 0x1fffe000)).toBe(0x20000000);
  });

  it('hashes the branches in their order behind the coinbase', () => {
    const [one, two] = ['11'.repeat(32), '22'.repeat(32)];
    const root = (branches: string[]) =>
      headerOf(readJob(genesis({ 4: branches }))!, EXTRANONCE, readSubmission(submit())!, 0).subarray(36, 68);
    const coinbase = sha256d(Buffer.from(COINBASE, 'hex'));
    const first = sha256d(Buffer.concat([coinbase, Buffer.from(one, 'hex')]));
    expect(root([one, two])).toEqual(sha256d(Buffer.concat([first, Buffer.from(two, 'hex')])));
  });
});

describe('what is no job, submit or extranonce', () => {
  it.each([
    ['no JSON', '{"params":['],
    ['other parameters', line({ params: ['1', 2] })],
    ['a short previous hash', genesis({ 1: '00' })],
    ['half a byte', genesis({ 2: 'abc' })],
    ['no hexadecimal', genesis({ 3: 'zz' })],
    ['a branch that is none', genesis({ 4: ['00'] })],
    ['branches without an end', genesis({ 4: Array.from({ length: 33 }, () => '00'.repeat(32)) })],
    ['a version of nine digits', genesis({ 5: '000000001' })],
    ['bits that are a number', genesis({ 6: 5 })],
  ])('is not read: %s', (_, bytes) => {
    expect(readJob(bytes)).toBeUndefined();
  });

  it('is not read as a submit or an extranonce either', () => {
    expect(readSubmission(line({ params: ['w', '1', 'ab', 'not hex', '00'] }))).toBeUndefined();
    expect(readSubmission(line({ params: ['w', '1', 'ab', '00', '00', 'xyz'] }))).toBeUndefined();
    expect(readSubscribed(line({ result: [[], 'abcd', -1] }))).toBeUndefined();
    expect(readSubscribed(line({ result: [[], 'abcd', 4] }))).toMatchObject({ extranonce2Bytes: 4 });
    expect(readSetExtranonce(line({ params: ['ff'] }), undefined)).toBeUndefined();
    expect(readSetExtranonce(line({ params: ['ff'] }), EXTRANONCE)).toMatchObject({ extranonce2Bytes: 4 });
    expect(readVersionMask(line({ result: { 'version-rolling.mask': '1fffe000' } }))).toBe(0x1fffe000);
    expect(readVersionMask(line({ params: ['00c00000'] }))).toBe(0x00c00000);
    expect(readVersionMask(line({ result: true }))).toBeUndefined();
  });
});

describe('a target', () => {
  /** Of Bitcoin Core's tests of `arith_uint256::SetCompact`. */
  it.each([
    [0x00000000, undefined],
    [0x00123456, undefined],
    [0x01003456, undefined],
    [0x01123456, '12'],
    [0x02123456, '1234'],
    [0x03123456, '123456'],
    [0x04123456, '12345600'],
    [0x04923456, undefined],
    [0x05009234, '92340000'],
    [0x20123456, '1234560000000000000000000000000000000000000000000000000000000000'],
    [0xff123456, undefined],
  ])('out of bits %i is %s', (bits, hex) => {
    expect(targetOfBits(bits)?.toString('hex')).toBe(hex?.padStart(64, '0'));
  });

  it('of difficulty 1 is that of the bits 1d00ffff, and half of it at 2', () => {
    expect(targetOfDifficulty(1)).toEqual(targetOfBits(0x1d00ffff));
    expect(targetOfDifficulty(2).toString('hex')).toBe(`000000007fff8${'0'.repeat(51)}`);
    expect(targetOfDifficulty(1, 65_536)).toEqual(targetOfBits(0x1f00ffff));
    expect(targetOfDifficulty(1e-300).toString('hex')).toBe('ff'.repeat(32));
  });

  it('is met by a hash that is equal, and by none above', () => {
    const hash = Buffer.from(GENESIS_HASH, 'hex').reverse();
    expect(meets(hash, Buffer.from(GENESIS_HASH, 'hex'))).toBe(true);
    expect(meets(hash, targetOfDifficulty(1))).toBe(true);
    expect(meets(hash, targetOfDifficulty(2600))).toBe(false);
  });
});
