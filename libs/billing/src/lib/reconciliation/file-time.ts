const DATE = /^(\d{4})[-/](\d{2})[-/](\d{2})$/;
const TIME =
  /^(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/i;
const SECONDS = /^\d{10}$/;
const MILLISECONDS = /^\d{13}$/;

/** When a row is of: a whole day of the pool, or a moment. Milliseconds since 1970; of a day, its beginning. */
export interface FileTime {
  readonly at: number;
  readonly isDay: boolean;
}

/**
 * Reads a day (`2026-11-01`), a time (`2026-11-01T05:00:00Z`, `2026-11-01 05:00`) or seconds or milliseconds since 1970.
 * What has no zone is in the pool's, `offsetMs` before UTC. Undefined for anything else, and for days that no month has.
 */
export function readFileTime(text: string, offsetMs: number): FileTime | undefined {
  if (SECONDS.test(text)) return { at: Number(text) * 1000, isDay: false };
  if (MILLISECONDS.test(text)) return { at: Number(text), isDay: false };
  const date = DATE.exec(text);
  if (date) {
    const day = utc(date);
    return day === undefined ? undefined : { at: day - offsetMs, isDay: true };
  }
  const time = TIME.exec(text);
  const wall = time && utc(time);
  if (wall === undefined || wall === null) return undefined;
  const zone = time?.[7];
  return { at: wall - (zone === undefined ? offsetMs : zoneMs(zone)), isDay: false };
}

/** `+08:00`, `-0330` or `+8` as milliseconds; undefined for what is no offset. */
export function readOffset(text: string): number | undefined {
  const match = /^([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(text);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes > 14 * 60 || Number(match[3] ?? 0) > 59) return undefined;
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

function zoneMs(zone: string): number {
  return /^(?:Z|UTC)$/i.test(zone) ? 0 : (readOffset(zone) ?? 0);
}

function utc([, ...parts]: RegExpExecArray): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(0, 6)
    .map((part: string | undefined) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  // 30 February would be read as 2 March.
  return new Date(at).getUTCDate() === day && new Date(at).getUTCMonth() === month - 1 ? at : undefined;
}
