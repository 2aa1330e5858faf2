import { readFile, stat } from 'node:fs/promises';
import { quoted, type FileFaults } from './file-faults';
import { readFileTime } from './file-time';
import { readAmount } from './measure';
import { PoolCredits } from './pool-credits';
import type { PoolDays } from './pool-days';

/** JSON is read whole. */
const MOST_BYTES = 128 * 2 ** 20;
/** Where the answer has its workers, the newest name first. */
const LISTS = ['hashrate_efficiency_revenue', 'hashrate_efficiency', 'workers', 'data'];
const NAMES = ['worker_name', 'name', 'worker'];
const POINTS = ['hashrate_efficiency_revenue', 'hashrate_efficiency', 'history', 'data'];

/** What rows are of, as an answer's `tick_size` says it. */
const TICKS: Readonly<Record<string, number>> = { '1h': 3_600_000, '1d': 86_400_000 };

/**
 * Reads histories of workers as Luxor's `workers-hashrate-efficiency` answers them: for each worker a list of
 * `{ date_time, hashrate }`, in hashes a second as text. Workers are members of an object, or objects of a list that have
 * their name. Says in `faults` what cannot be read; returns the span of a point where the answer says it.
 */
export async function readWorkerHistory(
  file: string,
  days: PoolDays,
  faults: FileFaults,
  credits = new PoolCredits('hashrate', days),
): Promise<{ readonly credits: PoolCredits; readonly spanMs: number | undefined }> {
  const none = { credits, spanMs: undefined };
  if (credits.measure !== 'hashrate' || credits.level !== 'worker') {
    faults.add('', `counts hashrate by worker, the files before it ${credits.measure} by ${credits.level}`);
    return none;
  }
  const answer = await jsonIn(file, faults);
  if (answer === undefined) return none;
  const workers = workersIn(answer);
  if (workers === undefined) {
    faults.add('', 'has no workers: neither an object of lists nor a list of workers with their names');
    return none;
  }
  for (const [name, points] of workers) addPoints(name, points, { days, faults, credits });
  const tick = isObject(answer) ? answer.tick_size : undefined;
  return {
    credits,
    spanMs: typeof tick === 'string' && Object.hasOwn(TICKS, tick) ? TICKS[tick] : undefined,
  };
}

type Json = Readonly<Record<string, unknown>>;

async function jsonIn(file: string, faults: FileFaults): Promise<unknown> {
  const { size } = await stat(file);
  if (size > MOST_BYTES) {
    faults.add('', `is larger than ${MOST_BYTES / 2 ** 20} MiB: JSON is read whole, give it page by page`);
    return undefined;
  }
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    faults.add('', 'is no JSON, or is cut off');
    return undefined;
  }
}

function workersIn(answer: unknown): [name: string, points: unknown][] | undefined {
  if (Array.isArray(answer)) return listed(answer);
  if (!isObject(answer)) return undefined;
  const inside = LISTS.map((name) => member(answer, name)).find((list) => list !== undefined);
  if (Array.isArray(inside)) return listed(inside);
  // The object of workers, or the answer is that object.
  const workers = isObject(inside) ? inside : answer;
  const entries = Object.entries(workers);
  return isObject(inside) || (entries.length > 0 && entries.every(([, points]) => Array.isArray(points)))
    ? entries
    : undefined;
}

function listed(list: readonly unknown[]): [string, unknown][] | undefined {
  const workers = list.map((entry): [string, unknown] | undefined => {
    if (!isObject(entry)) return undefined;
    const name = NAMES.map((key) => member(entry, key)).find((text) => typeof text === 'string');
    const points = POINTS.map((key) => member(entry, key)).find((value) => Array.isArray(value));
    return name === undefined || points === undefined ? undefined : [name, points];
  });
  return workers.every((worker) => worker !== undefined) ? workers : undefined;
}

interface Reading {
  readonly days: PoolDays;
  readonly faults: FileFaults;
  readonly credits: PoolCredits;
}

function addPoints(name: string, points: unknown, { days, faults, credits }: Reading): void {
  if (!Array.isArray(points)) {
    faults.add(`worker ${quoted(name)}`, 'has no list of times and hashrates');
    return;
  }
  points.forEach((point: unknown, index) => {
    const place = `worker ${quoted(name)}, entry ${index + 1}`;
    const [at, rate] = isObject(point) ? [point.date_time, point.hashrate] : [undefined, undefined];
    const time = readFileTime(textOf(at), days.offsetMs);
    const value = readAmount(textOf(rate), false);
    if (!time) faults.add(place, `date_time ${quoted(textOf(at))} is no time`);
    if (!value) faults.add(place, `hashrate ${quoted(textOf(rate))} is no number`);
    if (time && value) credits.add({ name, time, value }, faults);
  });
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || value === null ? String(value) : typeof value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of its own: no worker is called by what every object has. */
function member(object: Json, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
