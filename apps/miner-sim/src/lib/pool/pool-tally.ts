import type { DialectName } from '../dialects/dialect-name';
import { ByteCounts, type ByteSummary } from '../net/byte-counts';
import { ShareTally, type DialectSummary, type ShareSummary } from '../share-counts';
import type { ConnectionSummary, PoolConnection } from './pool-connection';

/** Closed connections that are remembered one by one. */
const MAX_CLOSED = 20_000;

export interface PoolSummary extends ShareSummary, ByteSummary {
  readonly role: 'pool';
  readonly duration_s: number;
  readonly connections: number;
  readonly open_connections: number;
  readonly failed_connections: number;
  readonly dropped_slow: number;
  readonly jobs: number;
  readonly authorized: number;
  readonly refused_authorizations: number;
  readonly server_requests: number;
  readonly client_answers: number;
  readonly malformed: number;
  readonly garbage_answers: Readonly<Record<string, number>>;
  readonly by_dialect: Readonly<Partial<Record<DialectName, DialectSummary>>>;
  readonly by_worker?: Readonly<Record<string, ShareSummary>>;
  readonly by_connection?: readonly ConnectionSummary[];
}

/** All that one pool has seen and said. Outcomes count when their answer is handed to the socket. */
export class PoolTally {
  readonly shares = new ShareTally();
  connections = 0;
  failedConnections = 0;
  droppedSlow = 0;
  jobs = 0;
  authorized = 0;
  refusedAuthorizations = 0;
  serverRequests = 0;
  clientAnswers = 0;
  malformed = 0;
  readonly garbage = { unreadable_result: 0, not_json: 0, wrong_id: 0 };
  private readonly bytes = new ByteCounts();
  private readonly closed: ConnectionSummary[] = [];
  private readonly startedAt = performance.now();

  /** Adds a connection that is over. */
  connectionClosed(connection: PoolConnection, failed: boolean, remember: boolean): void {
    this.bytes.add(connection.link);
    if (failed) this.failedConnections += 1;
    if (remember && this.closed.length < MAX_CLOSED) this.closed.push(connection.summary());
  }

  summary(open: Iterable<PoolConnection>, show: { byWorker: boolean; byConnection: boolean }): PoolSummary {
    const openConnections = [...open];
    return {
      role: 'pool',
      duration_s: Math.round(performance.now() - this.startedAt) / 1000,
      ...this.shares.total.summary(),
      connections: this.connections,
      open_connections: openConnections.length,
      failed_connections: this.failedConnections,
      dropped_slow: this.droppedSlow,
      ...this.bytes.with(openConnections.map(({ link }) => link)).summary(),
      jobs: this.jobs,
      authorized: this.authorized,
      refused_authorizations: this.refusedAuthorizations,
      server_requests: this.serverRequests,
      client_answers: this.clientAnswers,
      malformed: this.malformed,
      garbage_answers: { ...this.garbage },
      by_dialect: this.shares.byDialect(),
      ...(show.byWorker && { by_worker: this.shares.byWorker() }),
      ...(show.byConnection && {
        by_connection: [...this.closed, ...openConnections.map((connection) => connection.summary())],
      }),
    };
  }
}
