import { createServer, type AddressInfo, type Server } from 'node:net';
import { seededRandom, type Random } from '../random';
import { JobBoard } from './job-board';
import { JobFactory } from './job-factory';
import { JobTimes, type JobTime } from '../job-times';
import { PoolConnection } from './pool-connection';
import type { PoolContext } from './pool-context';
import type { PoolOptions } from './pool-options';
import { PoolTally, type PoolSummary } from './pool-tally';

/** Room for thousands of miners that connect at once (the kernel may allow less). */
const BACKLOG = 8192;

/** A small pool. Every share is rebuilt and hashed as its dialect has it; every answer is counted. */
export class Pool {
  private readonly tally = new PoolTally();
  private readonly times = new JobTimes();
  private readonly connections = new Set<PoolConnection>();
  private readonly board: JobBoard;
  private readonly context: PoolContext;
  private readonly server: Server;
  private readonly random: Random;
  private silent = false;
  private jobTimer: NodeJS.Timeout | undefined;
  private closeWaiters: (() => void)[] = [];

  constructor(
    private readonly options: PoolOptions,
    private readonly onSubmit: (submits: number) => void = () => undefined,
  ) {
    this.random = seededRandom(options.seed);
    const nowMs = () => Date.now();
    this.board = new JobBoard(new JobFactory({ ...options, random: this.random, nowMs }), options.cleanEvery);
    this.context = {
      options,
      board: this.board,
      tally: this.tally,
      random: this.random,
      nowMs,
      isSilent: () => this.silent,
      submitted: () => this.submitted(),
      closed: (connection, failed) => this.forget(connection, failed),
    };
    this.server = createServer({ allowHalfOpen: true, noDelay: true });
    this.tally.jobs = 1;
  }

  /** Resolves with the bound address; rejects when the port cannot be had. */
  listen(): Promise<AddressInfo> {
    const { server, options } = this;
    server.on('connection', (socket) => {
      this.tally.connections += 1;
      const connection = new PoolConnection(this.tally.connections, socket, this.context);
      this.connections.add(connection);
      connection.start();
    });
    if (options.jobIntervalMs > 0) this.jobTimer = setInterval(() => this.newJob(), options.jobIntervalMs);
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: options.host, port: options.port, backlog: BACKLOG }, () => {
        server.off('error', reject);
        resolve(server.address() as AddressInfo);
      });
    });
  }

  /** Announces a new job to all; returns its id. Every `cleanEvery`-th is clean unless told. */
  newJob(clean?: boolean): string {
    const job = this.board.renew(clean);
    this.tally.jobs += 1;
    this.times.begin(job.id);
    for (const connection of this.connections) connection.sendJob(job);
    this.times.touch(job.id, this.connections.size);
    return job.id;
  }

  /** Sends the current job once more under the same id, as some pools do after a new difficulty. */
  resendJob(): void {
    for (const connection of this.connections) connection.sendJob(this.board.current);
  }

  setDifficulty(difficulty: number): void {
    for (const connection of this.connections) connection.setDifficulty(difficulty);
  }

  /** Writes a line of the caller's own to every connection. */
  broadcast(line: string): void {
    for (const connection of this.connections) connection.say(`${line}\n`);
  }

  dropConnections(how: 'fin' | 'rst'): number {
    const count = this.connections.size;
    for (const connection of [...this.connections]) connection.leave(how);
    return count;
  }

  setSilent(silent: boolean): void {
    this.silent = silent;
  }

  /** New connections are refused; the present ones stay. */
  stopListening(): void {
    this.server.close();
  }

  summary(): PoolSummary & { readonly job_times: Readonly<Record<string, JobTime>> } {
    return { ...this.tally.summary(this.connections, this.options), job_times: this.times.summary() };
  }

  /** Stops, ends every connection with a FIN and waits for them at most `graceMs`. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.jobTimer);
    this.server.close();
    this.dropConnections('fin');
    const deadline = setTimeout(() => {
      for (const connection of [...this.connections]) connection.link.destroy();
    }, graceMs);
    if (this.connections.size > 0) await new Promise<void>((resolve) => this.closeWaiters.push(resolve));
    clearTimeout(deadline);
  }

  private submitted(): void {
    if (this.board.full) this.newJob(true);
    this.onSubmit(this.tally.shares.total.submits);
  }

  private forget(connection: PoolConnection, failed: boolean): void {
    if (!this.connections.delete(connection)) return;
    this.tally.connectionClosed(connection, failed, this.options.byConnection);
    if (this.connections.size === 0) for (const resolve of this.closeWaiters.splice(0)) resolve();
  }
}
