import { CRYPTONOTE_TARGETS, readTarget } from './dialects/cryptonote/cryptonote-target';
import { BOUNDARIES, readBoundary } from './dialects/ethproxy/ethproxy-target';
import { bytesOfDifficulty, bytesOfHashes, targetOfBytes, targetOfNumber } from './share-target';

describe('what a share is worth', () => {
  it('is 2^32 hashes per difficulty 1 where a number is announced', () => {
    expect(targetOfNumber(0.9313225746154785)).toMatchObject({ difficulty: 0.9313225746154785, hashes: 4e9 });
    expect(targetOfNumber(1e-8)).toMatchObject({ difficulty: 1e-8, hashes: 43 });
  });

  it.each([
    ['0112e0be826d694b2e62d01511f12a6061fbaec8bc02357593e70e52ba', 4e9],
    ['0x0112e0be826d694b2e62d01511f12a6061fbaec8bc02357593e70e52ba', 4e9],
    [`0x${'f'.repeat(64)}`, 1],
    [`0x7${'f'.repeat(63)}`, 2],
  ])('is 2^256 / (boundary + 1) in eth-proxy: %s', (boundary, hashes) => {
    expect(readBoundary(boundary)).toMatchObject({ hashes, difficulty: undefined });
  });

  it.each([
    ['b88d0600', 10_000],
    ['711b0d00', 5000],
    ['ffffffff', 1],
    ['0ad7a3703d0a0000', 1_638_400],
  ])('is what the little-endian target says in CryptoNote: %s', (target, hashes) => {
    expect(readTarget(target)).toMatchObject({ hashes, difficulty: undefined });
  });

  it('is unknown where there is no target', () => {
    for (const wrong of ['', '0x', 'zz', 12, undefined, 'f'.repeat(65)])
      expect(readBoundary(wrong)).toBeUndefined();
    for (const wrong of ['', '00000000', 'b88d06', 'zzzzzzzz', 7]) expect(readTarget(wrong)).toBeUndefined();
  });
});

describe('a target for a difficulty', () => {
  it('is met by the hashes that it stands for', () => {
    expect(bytesOfHashes(1n).toString('hex')).toBe('f'.repeat(64));
    expect(bytesOfHashes(16n).toString('hex')).toBe(`0${'f'.repeat(63)}`);
    expect(bytesOfDifficulty(2 ** -32).toString('hex')).toBe('f'.repeat(64));
    expect(bytesOfDifficulty(1).toString('hex')).toBe(`00000000${'f'.repeat(56)}`);
    expect(targetOfBytes(bytesOfDifficulty(0.9313225746154785)).hashes).toBe(4e9);
  });

  it.each([2 ** -32, 1e-9, 1e-8, 1e-6, 0.004, 1, 65_536])(
    'is worth about the same in each dialect: %d',
    (difficulty) => {
      const hashes = Math.max(1, difficulty * 2 ** 32);
      for (const target of [BOUNDARIES.of(difficulty), CRYPTONOTE_TARGETS.of(difficulty)]) {
        expect(Math.abs(target.hashes - hashes)).toBeLessThanOrEqual(Math.max(0.5, hashes * 0.005));
      }
    },
  );

  it('has four bytes in CryptoNote as long as they are fine enough', () => {
    expect(CRYPTONOTE_TARGETS.of(10_000 / 2 ** 32).hex).toBe('b88d0600');
    expect(CRYPTONOTE_TARGETS.of(2 ** -8).hex).toHaveLength(16);
  });

  it('is worth what its digits say, so that both ends count the same', () => {
    for (const difficulty of [1e-9, 3e-7, 0.0038, 0.01]) {
      const { hex, hashes } = CRYPTONOTE_TARGETS.of(difficulty);
      expect(readTarget(hex)?.hashes).toBe(hashes);
      const boundary = BOUNDARIES.of(difficulty);
      expect(readBoundary(boundary.bytes.toString('hex'))?.hashes).toBe(boundary.hashes);
    }
  });
});
