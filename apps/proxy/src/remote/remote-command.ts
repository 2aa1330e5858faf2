import { untrusted } from '@mining-proxy/logger';
import type { ProxyConfig, ProxySettings } from '@mining-proxy/config';
import type { RemoteCommand } from '../command-line';
import type { RefusalList, SessionSummary } from '../http/session-page.dto';
import type { WorkerSummary } from '../console/workers.controller';
import type { PoolsAnswer } from '../http/status.dto';
import { askProxy } from './ask-proxy';
import { tableOf } from './table';

const PAGE = 1_000;

/** Asks the running proxy, and prints a table for people or JSON for programs. Throws a `RemoteError`. */
export async function runRemoteCommand(
  command: RemoteCommand,
  { proxy }: ProxyConfig,
  print: (text: string) => void,
): Promise<number> {
  const show = (answer: object, table: () => string) =>
    print(command.format === 'json' ? `${JSON.stringify(answer, null, 2)}\n` : table());
  switch (command.name) {
    case 'sessions': {
      const sessions = await allOf<SessionSummary>(proxy, 'sessions', { client_id: command.clientId });
      show({ sessions }, () => tableOf(sessions.map(sessionRow), 'no session is open'));
      return 0;
    }
    case 'workers': {
      const { clientId, state } = command;
      const workers = await allOf<WorkerSummary>(proxy, 'workers', { client_id: clientId, state });
      show({ workers }, () => tableOf(workers.map(workerRow), 'no worker was seen lately'));
      return 0;
    }
    case 'refused': {
      const answer = (await askProxy(proxy, '/sessions/refused')) as unknown as RefusalList;
      show(answer, () => tableOf(answer.refused.map(refusalRow), 'nobody was turned away'));
      return 0;
    }
    case 'pools': {
      const answer = (await askProxy(proxy, '/pools')) as unknown as PoolsAnswer;
      show(answer, () => tableOf(answer.pools.map(poolRow), 'there is no pool'));
      return 0;
    }
    case 'reload': {
      const answer = (await askProxy(proxy, '/reload', 'POST')) as { changes: string[] };
      const { changes } = answer;
      show(answer, () =>
        changes.length === 0 ? 'nothing has changed\n' : `taken over: ${changes.join(', ')}\n`,
      );
      return 0;
    }
  }
}

/** All pages of a list. */
async function allOf<T>(
  proxy: ProxySettings,
  list: 'sessions' | 'workers',
  filters: Readonly<Record<string, string | undefined>>,
): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | null = '0'; cursor !== null;) {
    const query = new URLSearchParams({ limit: String(PAGE), cursor });
    for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, value);
    const page = await askProxy(proxy, `/${list}?${query.toString()}`);
    all.push(...(page[list] as T[]));
    cursor = page.next_cursor as string | null;
  }
  return all;
}

function workerRow(worker: WorkerSummary) {
  const answered = worker.accepted_24h + worker.rejected_24h;
  return {
    worker: untrusted(worker.worker),
    client: untrusted(worker.client_id),
    state: worker.state,
    'hashrate 10m': hashrate(worker.hashrate_10m),
    '24h': hashrate(worker.hashrate_24h),
    accepted: worker.accepted_24h,
    'rejected %': answered === 0 ? '-' : Math.round((worker.rejected_24h / answered) * 1000) / 10,
    'last share': worker.last_share_at ?? '-',
    miner: untrusted(worker.agent ?? '-'),
  };
}

function sessionRow(session: SessionSummary) {
  return {
    session: session.session_id,
    client: untrusted(session.client_id),
    worker: untrusted(session.workers[0] ?? '-'),
    source: session.source,
    pool: session.pool_host,
    difficulty: session.difficulty ?? '-',
    accepted: session.accepted,
    rejected: session.rejected,
    hashrate: hashrate(session.hashrate_estimate),
    age: age(session.age_s),
  };
}

function refusalRow({
  reason,
  address,
  listener,
  client_id,
  count,
  last_at,
}: RefusalList['refused'][number]) {
  return { reason, address, listener, client: untrusted(client_id ?? '-'), count, last: last_at };
}

function poolRow(pool: PoolsAnswer['pools'][number]) {
  return {
    pool: pool.name,
    address: pool.pool_host,
    state: pool.state,
    since: pool.since,
    sessions: pool.sessions,
    priority: pool.priority,
    weight: pool.weight,
    dial_ms: pool.dial_latency_ms === null ? '-' : Math.round(pool.dial_latency_ms * 10) / 10,
    failovers: pool.failovers,
    reason: untrusted(pool.reason ?? '-'),
  };
}

const UNITS = ['H/s', 'kH/s', 'MH/s', 'GH/s', 'TH/s', 'PH/s', 'EH/s', 'ZH/s'];

/** `112 TH/s`: three digits, and the unit that they are short in. */
export function hashrate(perSecond: number): string {
  const power = perSecond < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(perSecond) / 3));
  return `${Number((perSecond / 1000 ** power).toPrecision(3))} ${UNITS[power] ?? ''}`;
}

function age(seconds: number): string {
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (days > 0) return `${days}d${hours % 24}h`;
  if (hours > 0) return `${hours}h${minutes % 60}m`;
  return minutes > 0 ? `${minutes}m${seconds % 60}s` : `${seconds}s`;
}
