import { endOfHour } from '../ledger/database/calendar';
import type { UsageNumbers } from '../ledger/fold/usage-numbers';
import { usageText } from '../statement/usage-text';

/** What the numbers of an event belong to. `hour` is its start, milliseconds since 1970. */
export interface EventKey {
  readonly journalId: string;
  readonly clientId: string;
  readonly worker: string;
  readonly pool: string;
  readonly hour: number;
}

/** One event: `id` is in it as well. */
export interface UsageEvent {
  readonly id: string;
  /** JSON. */
  readonly event: string;
}

/**
 * The CloudEvent that adds `numbers` to what was sent of a key before. `part` is 1 for the first of the key; the numbers of
 * later ones may be negative. The sum over all parts of a key is what the ledger has.
 */
export function usageEvent(ledgerId: string, key: EventKey, part: number, numbers: UsageNumbers): UsageEvent {
  const { journalId, clientId, worker, pool, hour } = key;
  const hourText = `${new Date(hour).toISOString().slice(0, 19)}Z`;
  const id = eventId(key, hourText, part);
  // Rounded parts do not add up.
  const exact = Object.entries(usageText(numbers)).filter(([name]) => name !== 'terahash_days');
  const event = JSON.stringify({
    specversion: '1.0',
    type: 'mining.usage.hour.v1',
    source: `urn:uuid:${ledgerId}`,
    id,
    subject: clientId,
    // The hour's last moment: its end lies in the next one, and at a month's edge in another bill.
    time: new Date(endOfHour(hour) - 1).toISOString(),
    datacontenttype: 'application/json',
    data: {
      journal_id: journalId,
      client_id: clientId,
      worker,
      pool,
      hour: hourText,
      part,
      ...Object.fromEntries(exact),
    },
  });
  return { id, event };
}

/** Names may hold anything: escaped, two keys never have one id. */
function eventId({ journalId, clientId, worker, pool }: EventKey, hourText: string, part: number): string {
  const names = [journalId, clientId, worker, pool, hourText].map((name) =>
    encodeURIComponent(name).replaceAll('%3A', ':'),
  );
  return [...names, ...(part === 1 ? [] : [part])].join('/');
}
