import type { Fact } from '../../journal/records/record';
import { client, close, open, share, usage } from '../../journal/testing/facts';
import { Fold } from './fold';
import type { SessionState } from './session-state';

const HOUR = 3_600_000;
const TEN = Date.UTC(2026, 0, 1, 10);

function fold(...facts: readonly (readonly [at: number, fact: Fact])[]) {
  const sessions = new Map<string, SessionState>();
  const folded = new Fold(sessions, 1);
  for (const [at, fact] of facts) folded.add({ ...fact, at });
  const rows = [...folded.book].map(({ key, numbers }) => ({ ...key, ...Object.fromEntries(numbers) }));
  return { folded, rows, sessions };
}

const header = (run: number) =>
  ({ kind: 'segment', format: 1, journal_id: 'j', segment: run, run, mark: 'm', at: TEN }) as const;

describe('Fold', () => {
  it('puts facts of a clock that is set back over the edge of an hour into the hour that it shows', () => {
    const { rows } = fold(
      [TEN, open('s1')],
      [TEN, client('s1')],
      [TEN + 1, share('s1')],
      [TEN - 1, share('s1')],
    );
    expect(rows).toMatchObject([
      { hour: TEN, accepted: 1n, sessions: 1n },
      { hour: TEN - HOUR, accepted: 1n },
    ]);
  });

  it('cuts session time at the edges of hours, and keeps all of it', () => {
    const long = { ...close('s1'), ms: 2 * HOUR } as Fact;
    const { rows } = fold([TEN - HOUR - 1, open('s1')], [TEN - HOUR - 1, client('s1')], [TEN + 500, long]);
    const times = rows.filter((row) => 'session_ms' in row).map((row) => [row.hour, row.session_ms]);
    expect(times).toEqual([
      [TEN - 2 * HOUR, BigInt(HOUR - 500)],
      [TEN, 500n],
      [TEN - HOUR, BigInt(HOUR)],
    ]);
  });

  it('books what a session does whose beginning is damaged to nobody, and counts it', () => {
    const { rows, folded } = fold([TEN, share('s1')], [TEN + 1, close('s1')]);
    expect(folded.orphans).toBe(1);
    expect(rows.every((row) => row.client_id === 'unassigned' && row.pool === '')).toBe(true);
  });

  it('ends what was open, with the last record that is not a share, when a run begins that is another', () => {
    const { folded, sessions } = fold([TEN, open('s1')], [TEN + 3, usage('s1')], [TEN + 5, share('s1')]);
    folded.add(header(2));
    expect(sessions.get('s1')).toMatchObject({
      closed_at: TEN + 3,
      side: 'relay',
      code: 'CRASH',
      client_id: 'unassigned',
    });
    expect([...folded.book].map(({ key }) => key.session_id)).toEqual(['', '', '']);
  });

  it('leaves open what is open when a run goes on in a new segment', () => {
    const { folded, sessions } = fold([TEN, open('s1')]);
    folded.add(header(1));
    expect(sessions.get('s1')?.closed_at).toBeNull();
  });
});
