import type { DialectName } from '../dialects/dialect-name';
import { JobTimes, type JobTime } from '../job-times';
import { ByteCounts, type ByteSummary } from '../net/byte-counts';
import type { Link } from '../net/link';
import { ShareTally, type DialectSummary, type ShareSummary } from '../share-counts';
import { LatencyHistogram, type LatencySummary } from './latency';

export interface FleetSummary extends ShareSummary, ByteSummary {
  readonly role: 'mine';
  readonly duration_s: number;
  readonly miners: number;
  readonly connections: number;
  readonly connect_failures: number;
  readonly failed_connections: number;
  readonly jobs: number;
  readonly authorized: number;
  readonly refused_authorizations: number;
  readonly unmatched_answers: number;
  readonly malformed: number;
  readonly server_requests: number;
  readonly missed_turns: number;
  readonly latency_ms: LatencySummary;
  readonly faults: Readonly<Record<string, number>>;
  readonly job_times: Readonly<Record<string, JobTime>>;
  readonly by_dialect: Readonly<Partial<Record<DialectName, DialectSummary>>>;
  readonly by_worker?: Readonly<Record<string, ShareSummary>>;
}

/** What the miners of one fleet have written and heard. */
export class FleetTally {
  readonly shares = new ShareTally();
  readonly latency = new LatencyHistogram();
  readonly jobTimes = new JobTimes();
  connections = 0;
  connectFailures = 0;
  failedConnections = 0;
  readonly bytes = new ByteCounts();
  jobs = 0;
  authorized = 0;
  refusedAuthorizations = 0;
  unmatchedAnswers = 0;
  malformed = 0;
  serverRequests = 0;
  /** Turns to find a share that a miner could not use: not logged in, or its window full. */
  missedTurns = 0;
  private readonly startedAt = performance.now();

  /** `open` are the connections that are not over yet. */
  summary(miners: number, open: readonly Link[], byWorker: boolean): Omit<FleetSummary, 'faults'> {
    return {
      role: 'mine',
      duration_s: Math.round(performance.now() - this.startedAt) / 1000,
      miners,
      ...this.shares.total.summary(),
      connections: this.connections,
      connect_failures: this.connectFailures,
      failed_connections: this.failedConnections,
      ...this.bytes.with(open).summary(),
      jobs: this.jobs,
      authorized: this.authorized,
      refused_authorizations: this.refusedAuthorizations,
      unmatched_answers: this.unmatchedAnswers,
      malformed: this.malformed,
      server_requests: this.serverRequests,
      missed_turns: this.missedTurns,
      latency_ms: this.latency.summary(),
      job_times: this.jobTimes.summary(),
      by_dialect: this.shares.byDialect(),
      ...(byWorker && { by_worker: this.shares.byWorker() }),
    };
  }
}
