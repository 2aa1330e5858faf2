import type { NumberName } from '../ledger/fold/usage-numbers';
import { usageEvent, type EventKey } from './usage-event';

const KEY: EventKey = {
  journalId: '11111111-2222-4333-8444-555555555555',
  clientId: 'acme',
  worker: 'acme.1',
  pool: 'eu:3333',
  hour: Date.UTC(2026, 0, 31, 23),
};

function event(key: Partial<EventKey> = {}, part = 1, numbers: [NumberName, bigint][] = []) {
  const made = usageEvent('ledger', { ...KEY, ...key }, part, new Map(numbers));
  const parsed = JSON.parse(made.event) as Record<string, unknown> & { data: Record<string, string> };
  return { ...made, parsed };
}

describe('usageEvent', () => {
  it('has a time in the month of its hour, and every number, exact', () => {
    const { parsed } = event({}, 2, [
      ['accepted_hashes', -(10n ** 25n)],
      ['accepted_difficulty', 150_000_000n],
      ['session_ms', -1_500n],
    ]);
    expect(parsed.time).toBe('2026-01-31T23:59:59.999Z');
    expect(parsed.data).toMatchObject({
      part: 2,
      accepted_hashes: '-10000000000000000000000000',
      accepted_difficulty: '1.5',
      session_seconds: '-1.5',
      accepted: '0',
      audited_valid_accepted: '0',
    });
  });

  it('has the id in it that it is known by', () => {
    const { id, parsed } = event({}, 3);
    expect(parsed.id).toBe(id);
    expect(id).toBe(`${KEY.journalId}/acme/acme.1/eu:3333/2026-01-31T23:00:00Z/3`);
  });

  it('gives two keys never one id, whatever names have in them', () => {
    const ids = [
      event({ clientId: 'a/b', worker: 'c' }),
      event({ clientId: 'a', worker: 'b/c' }),
      event({ clientId: 'a%2Fb', worker: 'c' }),
      event({ clientId: 'a', worker: '' }),
      event({ clientId: '', worker: 'a' }),
      event({ clientId: 'a', worker: 'Ünï code\n' }),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]+$/);
  });
});
