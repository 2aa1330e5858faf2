import type { JournalLine, ShareOutcome } from './record';

/** One share's work, far below what a ledger's sums have room for. */
const WORK = /^\d{1,26}$/;
const SUM = /^\d{1,32}$/;
const HASH = /^[\da-f]{64}$/;
const OUTCOMES: ReadonlySet<ShareOutcome> = new Set<ShareOutcome>([
  'accepted',
  'accepted_stale',
  'rejected',
  'unknown',
  'unanswered',
]);

/**
 * Whether the ledger can add the record up. One that it cannot, written by a later version or by mistake, is
 * skipped and counted: it would stop the fold for ever.
 */
export function isSound(record: JournalLine): boolean {
  if (!isTime(record.at)) return false;
  switch (record.kind) {
    case 'share':
      return (
        OUTCOMES.has(record.outcome) &&
        isWork(record.hashes) &&
        isWork(record.difficulty) &&
        isClient(record.client_id)
      );
    case 'usage':
    case 'close':
      return isCount(record.bytes_sent) && isCount(record.bytes_received) && isCount(record.ms);
    case 'foreign':
      return isCount(record.count) && isClient(record.client_id);
    case 'sums':
      return isTime(record.hour) && Object.values(record.numbers).every((text) => SUM.test(text));
    case 'block':
      return isHeight(record.height) && HASH.test(record.hash);
    case 'segment':
    case 'open':
    case 'client':
    case 'tick':
    case 'stop':
      return true;
    default:
      return false;
  }
}

function isHeight(value: number | null): boolean {
  return value === null || isCount(value);
}

function isWork(text: unknown): boolean {
  return text === null || (typeof text === 'string' && WORK.test(text));
}

function isClient(name: unknown): boolean {
  return name === undefined || (typeof name === 'string' && name !== '');
}

/** Within the years that have four digits. */
export function isTime(value: number): boolean {
  return isCount(value) && value < 253_402_300_800_000;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
