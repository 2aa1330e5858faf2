import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns } from './turns';

describe('Turns', () => {
  it('lets two work at a time and the others after them, in order, whether these succeed or fail', async () => {
    const turns = new Turns(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const works = [0, 1, 2, 3, 4].map((number) =>
      turns.take(async () => {
        begun.push(number);
        await new Promise<void>((resolve) => ends.push(resolve));
        if (number === 0) throw new Error('failed');
        return number;
      }),
    );
    const settled = Promise.allSettled(works);
    await nextTurn();
    expect(begun).toEqual([0, 1]);
    for (let ended = 0; ended < 5; ended += 1) {
      ends[ended]?.();
      await nextTurn();
      expect(begun).toEqual([0, 1, 2, 3, 4].slice(0, ended + 3));
    }
    expect((await settled).map(({ status }) => status)).toEqual([
      'rejected',
      ...Array.from({ length: 4 }, () => 'fulfilled'),
    ]);
    expect(await turns.take(() => Promise.resolve('free again'))).toBe('free again');
  });
});
