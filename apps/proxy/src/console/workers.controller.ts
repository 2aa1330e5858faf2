import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  HISTORY_STEPS,
  Meters,
  UsageStore,
  WORKER_SORTS,
  WORKER_STATES,
  type HistoryPoint,
  type StateCounts,
  type WorkerRecord,
  type WorkerSort,
  type WorkerState,
} from '@mining-proxy/billing';
import { csvOf } from '../billing/csv';
import { ParameterError, textOf, wholeNumberOf } from '../billing/parameters';
import { formatOf, timeOf } from '../billing/usage-question';
import { ForClients, ViewedBy, Viewer } from '../http/access.guard';
import { ApiProblems } from '../http/problem.dto';

const HOUR_MS = 3_600_000;
const LIMIT = { absent: 100, min: 1, max: 1_000 };
const CURSOR = { absent: 0, min: 0, max: Number.MAX_SAFE_INTEGER };
/** Rows of a CSV table: all that are kept. */
const ALL = 1_000_000;

/** One worker as `/workers` shows it. Hashrates are hashes per second; errors are relative, null where nothing is known. */
export class WorkerSummary {
  @ApiProperty()
  client_id!: string;

  @ApiProperty()
  worker!: string;

  @ApiProperty({ enum: WORKER_STATES })
  state!: WorkerState;

  @ApiProperty({ description: 'Open sessions on which it is' })
  sessions!: number;

  @ApiProperty({ type: String, nullable: true, description: 'What the miner says that it is' })
  agent!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Of its last share' })
  difficulty!: number | null;

  @ApiProperty()
  hashrate_10m!: number;

  @ApiProperty()
  hashrate_1h!: number;

  @ApiProperty()
  hashrate_24h!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Expected relative error, 1/√shares' })
  error_10m!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  error_1h!: number | null;

  @ApiProperty({ type: Number, nullable: true })
  error_24h!: number | null;

  @ApiProperty()
  accepted_24h!: number;

  @ApiProperty()
  rejected_24h!: number;

  @ApiProperty({ description: 'Of those accepted' })
  stale_24h!: number;

  @ApiProperty({ type: String, nullable: true })
  last_share_at!: string | null;

  @ApiProperty()
  first_seen_at!: string;

  @ApiProperty()
  last_seen_at!: string;

  static of(record: WorkerRecord, state: WorkerState, now: number): WorkerSummary {
    const [ten, hour, day] = [
      record.rateOverMinutes(10, now),
      record.rateOverMinutes(60, now),
      record.rateOverDay(now),
    ];
    const counts = record.countsOfDay(now);
    return {
      client_id: record.clientId,
      worker: record.worker,
      state,
      sessions: record.sessions,
      agent: record.agent,
      difficulty: record.difficulty,
      hashrate_10m: ten.perSecond,
      hashrate_1h: hour.perSecond,
      hashrate_24h: day.perSecond,
      error_10m: ten.error,
      error_1h: hour.error,
      error_24h: day.error,
      accepted_24h: counts.accepted,
      rejected_24h: counts.rejected,
      stale_24h: counts.stale,
      last_share_at: record.lastShareAt === null ? null : iso(record.lastShareAt),
      first_seen_at: iso(record.firstSeenAt),
      last_seen_at: iso(record.lastSeenAt),
    };
  }
}

/** How many workers are in which state. */
export class WorkerCounts {
  @ApiProperty()
  mining!: number;

  @ApiProperty()
  silent!: number;

  @ApiProperty()
  gone!: number;
}

/** A page of workers. */
export class WorkersAnswer {
  @ApiProperty({ type: [WorkerSummary] })
  workers!: readonly WorkerSummary[];

  @ApiProperty({ type: String, nullable: true, description: 'null on the last page' })
  next_cursor!: string | null;

  @ApiProperty({ type: WorkerCounts, description: 'Of all that the question is about, whatever their state' })
  counts!: StateCounts;
}

/** One step of a plot. */
export class HistoryStep {
  @ApiProperty({ example: '2026-11-01T05:00:00Z' })
  at!: string;

  @ApiProperty({ description: 'Hashes per second over the step, from the work of accepted shares' })
  hashrate!: number;

  @ApiProperty()
  accepted!: number;

  @ApiProperty()
  rejected!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Of all answered shares; null where there was none',
  })
  reject_rate!: number | null;

  @ApiProperty({ description: 'That had an accepted share' })
  workers!: number;
}

/** What a plot is drawn from. */
export class HistoryAnswer {
  @ApiProperty({ enum: HISTORY_STEPS })
  step!: string;

  @ApiProperty({ type: [HistoryStep], description: 'Steps without a share are left out' })
  points!: readonly HistoryStep[];
}

/** The machines, and how they did over time. */
@Controller()
@ApiTags('workers')
@ApiBearerAuth()
export class WorkersController {
  constructor(
    private readonly meters: Meters,
    private readonly store: UsageStore,
  ) {}

  @Get('workers')
  @ForClients()
  @ApiOperation({ summary: 'Workers that were seen lately, those first that somebody has to look at' })
  @ApiQuery({ name: 'client_id', required: false })
  @ApiQuery({ name: 'state', required: false, enum: WORKER_STATES })
  @ApiQuery({ name: 'q', required: false, description: "Part of the worker's or the client's name" })
  @ApiQuery({ name: 'sort', required: false, enum: WORKER_SORTS })
  @ApiQuery({ name: 'limit', required: false, description: `1 to ${LIMIT.max}; ${LIMIT.absent} if absent` })
  @ApiQuery({ name: 'cursor', required: false, description: '`next_cursor` of the page before' })
  @ApiQuery({
    name: 'format',
    required: false,
    enum: ['json', 'csv'],
    description: 'CSV has all rows, in one',
  })
  @ApiOkResponse({ type: WorkersAnswer })
  @ApiProblems(400, 401, 403, 429)
  workers(
    @ViewedBy() viewer: Viewer,
    @Query() parameters: Readonly<Record<string, unknown>>,
    @Res({ passthrough: true }) response: Response,
  ): WorkersAnswer | undefined {
    const isCsv = formatOf(parameters.format) === 'csv';
    const limit = isCsv ? ALL : wholeNumberOf('limit', parameters.limit, LIMIT);
    const offset = isCsv ? 0 : wholeNumberOf('cursor', parameters.cursor, CURSOR);
    const now = Date.now();
    const { workers, counts, total } = this.meters.workers.page({
      clientId: viewer.clientId(textOf('client_id', parameters.client_id)),
      state: oneOf('state', WORKER_STATES, parameters.state),
      text: textOf('q', parameters.q),
      sort: oneOf<WorkerSort>('sort', WORKER_SORTS, parameters.sort) ?? 'trouble',
      offset,
      limit,
    });
    const rows = workers.map(({ record, state }) => WorkerSummary.of(record, state, now));
    if (!isCsv) {
      return { workers: rows, counts, next_cursor: offset + limit < total ? String(offset + limit) : null };
    }
    response.type('text/csv; charset=utf-8');
    response.setHeader('Content-Disposition', 'attachment; filename="workers.csv"');
    response.end(csvOf(rows.map(cells), true));
    return undefined;
  }

  @Get('history')
  @ForClients()
  @ApiOperation({ summary: 'Hashrate, shares and workers of a client over time, out of the ledger' })
  @ApiQuery({ name: 'client_id', required: false, description: 'Required, but for whoever has a view_token' })
  @ApiQuery({ name: 'worker', required: false })
  @ApiQuery({ name: 'from', required: false, description: 'First hour, UTC; 24 hours ago if absent' })
  @ApiQuery({ name: 'to', required: false, description: 'Hour after the last; now if absent' })
  @ApiQuery({ name: 'step', required: false, enum: HISTORY_STEPS })
  @ApiOkResponse({ type: HistoryAnswer })
  @ApiProblems(400, 401, 403, 429, 503)
  async history(
    @ViewedBy() viewer: Viewer,
    @Query() parameters: Readonly<Record<string, unknown>>,
  ): Promise<HistoryAnswer> {
    const clientId = viewer.clientId(textOf('client_id', parameters.client_id));
    if (clientId === undefined) throw new ParameterError('client_id must be given');
    const step = oneOf('step', HISTORY_STEPS, parameters.step) ?? 'hour';
    const thisHour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const to = timeOf('to', parameters.to) ?? thisHour + HOUR_MS;
    const from = timeOf('from', parameters.from) ?? to - 24 * HOUR_MS;
    const worker = textOf('worker', parameters.worker);
    const points = await this.store.reports.history({ clientId, worker, from, to, step });
    const stepMs = step === 'hour' ? HOUR_MS : 24 * HOUR_MS;
    return { step, points: points.map((point) => historyStep(point, stepMs)) };
  }
}

function historyStep({ at, hashes, accepted, rejected, workers }: HistoryPoint, stepMs: number): HistoryStep {
  // The running step has not lasted its whole time yet.
  const ms = Math.max(60_000, Math.min(stepMs, Date.now() - at));
  const answered = accepted + rejected;
  return {
    at: iso(at),
    hashrate: (hashes / ms) * 1000,
    accepted,
    rejected,
    reject_rate: answered === 0 ? null : rejected / answered,
    workers,
  };
}

function oneOf<T extends string>(name: string, words: readonly T[], given: unknown): T | undefined {
  const text = textOf(name, given);
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new ParameterError(`${name} must be one of ${words.join(', ')}`);
}

function cells(row: WorkerSummary): Record<string, string> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]: [string, string | number | null]) => [name, String(value ?? '')]),
  );
}

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
