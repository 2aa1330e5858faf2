import { UsageBook, type UsageKey } from './usage-book';

const HOUR = Date.UTC(2026, 0, 1);

function key(sessionId: string, worker = 'acme.1'): UsageKey {
  return {
    session_id: sessionId,
    client_id: 'acme',
    worker,
    pool: 'eu:3333',
    hour: HOUR,
    dialect: 'stratum1',
  };
}

describe('UsageBook', () => {
  it('adds up what has the same key', () => {
    const book = new UsageBook();
    book.add(key(''), [['submits', 1n]]);
    book.add({ ...key('') }, [
      ['submits', 2n],
      ['accepted', 1n],
    ]);

    expect([...book].map(({ numbers }) => Object.fromEntries(numbers))).toEqual([
      { submits: 3n, accepted: 1n },
    ]);
  });

  it('takes out all rows of one session, once, and none of another', () => {
    const book = new UsageBook();
    for (const row of [key('s1'), key('s1', 'acme.2'), key('s2'), key('')]) book.add(row, [['submits', 1n]]);

    expect(book.takeSession('s1').map((entry) => entry.key.worker)).toEqual(['acme.1', 'acme.2']);
    expect(book.takeSession('s1')).toEqual([]);
    expect([...book].map((entry) => entry.key.session_id)).toEqual(['s2', '']);
  });

  it('begins anew for a session that was taken out', () => {
    const book = new UsageBook();
    book.add(key('s1'), [['submits', 1n]]);
    book.takeSession('s1');
    book.add(key('s1'), [['submits', 5n]]);

    expect(book.get(key('s1'))).toEqual(new Map([['submits', 5n]]));
    expect(book.takeSession('s1')).toHaveLength(1);
  });

  it('adds up accepted shares by their difficulty alone, or with their hashes, whenever it is asked for the sums', () => {
    const book = new UsageBook();
    const entry = book.entry(key(''));
    const sums = () => Object.fromEntries(entry.numbers);
    entry.accepted(100_000_000, undefined);
    book.add(key(''), [['submits', 1n]]);
    expect(sums()).toEqual({
      submits: 2n,
      accepted: 1n,
      accepted_hashes: 2n ** 32n,
      accepted_difficulty: 100_000_000n,
    });
    // 2^32 × 0.000001 are 4,294.97 hashes.
    entry.accepted(200_000_100, undefined);
    entry.accepted(50_000, 500);
    entry.accepted(0, undefined);
    expect(sums()).toEqual({
      submits: 5n,
      accepted: 4n,
      accepted_hashes: 3n * 2n ** 32n + 4_295n + 500n,
      accepted_difficulty: 300_050_100n,
    });
  });

  it.each([
    ['steps', 999_999_999_609_375, undefined, 2_559_999_999n * 2n ** 24n],
    ['units and hashes', 999_999_999_999_999, 999_999_999_999_999, 999_999_999_999_999n],
  ])('adds up more %s than a number holds', (_, units, hashes, each) => {
    const entry = new UsageBook().entry(key(''));
    const shares = 4_000_000;
    for (let share = 0; share < shares; share += 1) entry.accepted(units, hashes);
    expect(entry.numbers.get('accepted_hashes')).toBe(BigInt(shares) * each);
    expect(entry.numbers.get('accepted_difficulty')).toBe(BigInt(shares) * BigInt(units));
  });
});
