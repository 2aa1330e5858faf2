import type { Run } from './histories';
import { monthInterval } from '../database/calendar';

const HOUR = 3_600_000;

/** When the clock and the time that a session has lasted part by no more than this, time goes on without a gap. */
const TOLERANCE = 1_000;

type Stretches = [from: number, to: number][];

/**
 * For each client and worker (the key, as JSON) when it was first seen in a month, and the milliseconds for which it had a
 * session: by cutting the month at all edges and asking of each piece who was connected. Slow, and its own code on purpose.
 */
export function naiveUptime(runs: readonly Run[], month: string): Record<string, [number, number]> {
  const workers: Record<string, Stretches> = {};
  for (const run of runs) {
    const sessions: Record<
      string,
      { client?: string; worker?: string; openedAt: number; stretches: Stretches }
    > = {};
    for (const record of run) {
      if (record.kind === 'open') sessions[record.session] = { openedAt: record.at, stretches: [] };
      const session = 'session' in record && record.session !== null ? sessions[record.session] : undefined;
      if (!session) continue;
      const add = (from: number, to: number) => {
        const last = session.stretches.at(-1);
        if (from >= to) return;
        if (last && Math.abs(last[1] - from) <= TOLERANCE) last[1] = Math.max(last[1], to);
        else session.stretches.push([from, to]);
      };
      if (record.kind === 'client' || record.kind === 'usage' || record.kind === 'close') {
        if (record.worker !== null) session.worker ??= record.worker;
      }
      if (record.kind === 'client') session.client = record.client_id;
      if (record.kind === 'usage' || record.kind === 'close') add(record.at - record.ms, record.at);
      if (record.kind === 'sums') {
        const end = record.hour + HOUR;
        const known = session.stretches.at(-1)?.[1] ?? session.openedAt;
        const from = known < record.hour ? record.hour : known > end ? end : known;
        add(from, Math.min(end, from + Number(record.numbers.session_ms)));
      }
    }
    for (const { client = 'unassigned', worker = '', stretches } of Object.values(sessions)) {
      (workers[JSON.stringify([client, worker])] ??= []).push(...stretches);
    }
  }
  const { from, to } = monthInterval(month);
  const times: Record<string, [number, number]> = {};
  for (const [key, stretches] of Object.entries(workers)) {
    const edges = [...new Set([from, to, ...stretches.flat()])].filter((edge) => edge >= from && edge <= to);
    edges.sort((a, b) => a - b);
    const pieces = edges.slice(1).map((end, index) => [edges[index] ?? end, end] as const);
    const on = pieces.filter(([start, end]) => stretches.some(([a, b]) => a <= start && end <= b));
    if (on[0]) times[key] = [on[0][0], on.reduce((sum, [start, end]) => sum + end - start, 0)];
  }
  return times;
}
