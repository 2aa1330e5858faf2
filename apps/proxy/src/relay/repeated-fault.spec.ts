import { RepeatedFault } from './repeated-fault';

describe('RepeatedFault', () => {
  let now = 0;
  const fault = () => new RepeatedFault(10_000, () => now);

  beforeEach(() => (now = 0));

  it('is written down at once the first time', () => {
    expect(fault().happened()).toBe(1);
  });

  it('is written down once an interval, with how often it came', () => {
    const each = fault();
    const written: (number | undefined)[] = [];
    for (now = 0; now <= 30_000; now += 10) written.push(each.happened());
    expect(written.filter((count) => count !== undefined)).toEqual([1, 1_000, 1_000, 1_000]);
  });

  it('is written down at once after a quiet time', () => {
    const each = fault();
    each.happened();
    now = 60_000;
    expect(each.happened()).toBe(1);
  });
});
