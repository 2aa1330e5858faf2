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

  it('adds up shares of so many steps as their hashes and difficulties, whenever it is asked for them', () => {
    const book = new UsageBook();
    const entry = book.entry(key(''));
    const sums = () => Object.fromEntries(entry.numbers);
    // Of difficulty 1, which is 256 steps.
    entry.accepted(256);
    book.add(key(''), [['submits', 1n]]);
    expect(sums()).toEqual({
      submits: 2n,
      accepted: 1n,
      accepted_hashes: 2n ** 32n,
      accepted_difficulty: 100_000_000n,
    });
    entry.accepted(512);
    entry.accepted(0);
    expect(sums()).toEqual({
      submits: 4n,
      accepted: 3n,
      accepted_hashes: 3n * 2n ** 32n,
      accepted_difficulty: 300_000_000n,
    });
  });

  it('adds up more steps than a number holds', () => {
    const entry = new UsageBook().entry(key(''));
    const most = 2_560_000_001;
    for (let share = 0; share < 4_000_000; share += 1) entry.accepted(most);
    expect(entry.numbers.get('accepted_hashes')).toBe(4_000_000n * BigInt(most) * 2n ** 24n);
  });
});
