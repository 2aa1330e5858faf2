import { TokenBucket } from './token-bucket';

const RATE = { perSecond: 2, burst: 3 };

describe('TokenBucket', () => {
  const taken = (bucket: TokenBucket, now: number): number => {
    let count = 0;
    for (; bucket.allows(RATE, now); count += 1) bucket.take();
    return count;
  };

  it('lets a burst through, then its rate', () => {
    const bucket = new TokenBucket(RATE, 0);
    expect([0, 0, 499, 500, 1_000, 60_000].map((now) => taken(bucket, now))).toEqual([3, 0, 0, 1, 1, 3]);
  });

  it('gives nothing for a clock that stands still or goes back', () => {
    const bucket = new TokenBucket(RATE, 1_000);
    expect(taken(bucket, 1_000)).toBe(3);
    expect([1_000, 0, 1_000].map((now) => taken(bucket, now))).toEqual([0, 0, 2]);
  });
});
