import { FOLD_BYTES, FOLD_EVERY_MS, FoldPace } from './fold-pace';

describe('FoldPace', () => {
  let now = 1_000_000;
  const at = (offset: number, segment = 1) => ({ segment, offset });

  it('folds at once what comes first, and what comes soon after that only when its time has come', () => {
    const pace = new FoldPace(() => now);
    expect(pace.dueIn(at(0), at(100))).toBe(0);
    pace.begin();
    expect(pace.dueIn(at(100), at(200))).toBe(FOLD_EVERY_MS);
    now += FOLD_EVERY_MS - 1;
    expect(pace.dueIn(at(100), at(300))).toBe(1);
    now += 500;
    expect(pace.dueIn(at(100), at(300))).toBe(0);
  });

  it('does not wait when somebody asks, and waits again after the fold that was for them', () => {
    const pace = new FoldPace(() => now);
    pace.begin();
    pace.ask();
    expect(pace.dueIn(at(0), at(1))).toBe(0);
    pace.begin();
    expect(pace.dueIn(at(1), at(2))).toBe(FOLD_EVERY_MS);
  });

  it('does not wait for more where much has come, or where a segment is full', () => {
    const pace = new FoldPace(() => now);
    pace.begin();
    expect(pace.dueIn(at(10), at(9 + FOLD_BYTES))).toBe(FOLD_EVERY_MS);
    expect(pace.dueIn(at(10), at(10 + FOLD_BYTES))).toBe(0);
    expect(pace.dueIn(at(10), at(20, 2))).toBe(0);
    expect(pace.dueIn(undefined, at(20))).toBe(0);
  });
});
