import { GROUPINGS, type Grouping, type UsageQuery } from '@mining-proxy/billing';
import { ParameterError, textOf, wholeNumberOf, type Parameters } from './parameters';

const KNOWN = ['from', 'to', 'client_id', 'group_by', 'limit', 'cursor', 'format'];
/** In one page. */
export const MOST_ROWS = 10_000;
const LIMIT = { absent: 1_000, min: 1, max: MOST_ROWS };
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/;

/** What is asked of the ledger about usage. Throws a `ParameterError` for what is wrong. */
export function usageQueryOf(parameters: Parameters): UsageQuery {
  if (Object.keys(parameters).some((name) => !KNOWN.includes(name))) {
    throw new ParameterError(`unknown parameter; known are ${KNOWN.join(', ')}`);
  }
  const from = timeOf('from', parameters.from);
  const to = timeOf('to', parameters.to);
  const clientId = textOf('client_id', parameters.client_id);
  const cursor = textOf('cursor', parameters.cursor);
  return {
    groupBy: groupsOf(parameters.group_by),
    limit: wholeNumberOf('limit', parameters.limit, LIMIT),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** JSON where nothing is given. Throws a `ParameterError` for what is neither. */
export function formatOf(given: unknown): 'json' | 'csv' {
  const format = textOf('format', given) ?? 'json';
  if (format === 'json' || format === 'csv') return format;
  throw new ParameterError('format must be json or csv');
}

/** A time in UTC, or undefined. Throws a `ParameterError` for what is none. */
export function timeOf(name: string, given: unknown): number | undefined {
  const text = textOf(name, given);
  if (text === undefined) return undefined;
  const time = TIME.test(text) ? Date.parse(text) : NaN;
  // 30 February would be read as 2 March, and bill another interval than was asked for.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10))) return time;
  throw new ParameterError(`${name} must be a time in UTC, as in 2026-11-01 or 2026-11-01T05:00:00Z`);
}

function groupsOf(given: unknown): Grouping[] {
  const names = (textOf('group_by', given) ?? '').split(',').filter((name) => name !== '');
  const groups = names.filter((name): name is Grouping => (GROUPINGS as readonly string[]).includes(name));
  if (groups.length === names.length) return groups;
  throw new ParameterError(`group_by must be of ${GROUPINGS.join(', ')}, with commas between`);
}
