import type { Socket } from 'node:net';
import type { SocketReading } from '../sockets/socket-reading';
import type { Pool } from './pool';
import { PoolDial, type Reached } from './pool-dial';

/** While a pool is in doubt it is looked at this often, if `interval_ms` is not shorter. */
const DOUBT_INTERVAL_MS = 1_000;
/** Of an interval, to either side: pools are not all looked at in the same moment, by all proxies. */
const JITTER = 0.1;
/** Longest answer that is read: a job can have kilobytes, not more. */
const MAX_ANSWER_BYTES = 256 * 1024;

const SUBSCRIBE = '{"id":1,"method":"mining.subscribe","params":["mining-proxy health check"]}\n';

/** What a health check needs beside its pool. */
export interface HealthCheckOptions {
  readonly reading: () => SocketReading;
  readonly now: () => number;
  /** Whether no pool at all is up: then it is looked at as often as one in doubt, because miners wait. */
  readonly nothingUp: () => boolean;
}

/**
 * Looks at a pool again and again. Where miners' dials or their traffic have just shown that it works, that does for a
 * check; a `stratum` check, which says more than these, is made all the same.
 */
export class HealthCheck {
  private timer: NodeJS.Timeout | undefined;
  private dial: PoolDial | undefined;
  private socket: Socket | undefined;
  private stopped = true;

  constructor(
    private readonly pool: Pool,
    private readonly options: HealthCheckOptions,
  ) {}

  start(): void {
    this.stopped = false;
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.dial?.cancel();
    this.socket?.destroy();
  }

  /** Looks soon, where that presses: something has changed among the pools. */
  hurry(): void {
    const isLooking = this.dial !== undefined || this.socket !== undefined;
    if (this.pressing && !isLooking) this.schedule();
  }

  private schedule(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    const { intervalMs } = this.pool.options.health;
    const pause = this.pressing ? Math.min(intervalMs, DOUBT_INTERVAL_MS) : intervalMs;
    this.timer = setTimeout(() => this.look(), pause * (1 + JITTER * (2 * Math.random() - 1)));
  }

  private get pressing(): boolean {
    return this.pool.inDoubt || (!this.pool.up && this.options.nothingUp());
  }

  private look(): void {
    const { pool, options } = this;
    const { kind, intervalMs, timeoutMs } = pool.options.health;
    // Its own last check is an interval ago, give or take: it must not count.
    const isProven = pool.up && !pool.inDoubt && options.now() - pool.provenAt < intervalMs / 2;
    if (kind === 'tcp' && isProven) {
      this.schedule();
      return;
    }
    const deadlineAt = options.now() + timeoutMs;
    this.dial = new PoolDial(
      pool,
      { reading: options.reading(), now: options.now, deadlineAt, hasNext: false, ends: undefined },
      {
        reached: (reached) => {
          this.dial = undefined;
          pool.dialled('ok', reached.latencyMs);
          if (kind === 'tcp') {
            reached.upstream.socket.on('error', () => undefined).destroy();
            this.done(undefined);
          } else this.ask(reached, deadlineAt);
        },
        failed: ({ code, cause }) => {
          this.dial = undefined;
          pool.dialled(code);
          // What this machine lacks says nothing of the pool.
          if (code === 'LOCAL_LIMIT') this.schedule();
          else this.done(`${code}${cause === undefined ? '' : `: ${cause.message}`}`, cause);
        },
      },
    );
    this.dial.start();
  }

  /** Subscribes, and waits for the answer and for a job. */
  private ask({ upstream, early }: Reached, deadlineAt: number): void {
    const { socket } = upstream;
    this.socket = socket;
    const lines = new AnswerLines();
    let told = false;
    const end = (fault: string | undefined): void => {
      if (told) return;
      told = true;
      clearTimeout(timer);
      this.socket = undefined;
      socket.destroy();
      this.done(fault);
    };
    const read = (chunk: Buffer): void => {
      const fault = lines.push(chunk);
      if (fault !== undefined || lines.complete) end(fault);
    };
    const timer = setTimeout(
      () => end(lines.answered ? 'it sent no job' : 'it did not answer a subscribe'),
      Math.max(1, deadlineAt - this.options.now()),
    );
    socket.on('error', (error) => end(error.message));
    socket.on('close', () => end('it closed the connection of a health check'));
    socket.on('end', () => end('it ended the connection of a health check'));
    upstream.onChunk = read;
    socket.resume();
    socket.write(SUBSCRIBE);
    for (const chunk of early) read(chunk);
  }

  private done(fault: string | undefined, cause?: Error): void {
    if (this.stopped) return;
    if (fault === undefined) this.pool.worked(this.options.now());
    else this.pool.failed(fault, cause);
    this.schedule();
  }
}

/** What a pool says after a subscribe, line by line, as far as its health goes. */
class AnswerLines {
  answered = false;
  private hasJob = false;
  private tail = '';

  get complete(): boolean {
    return this.answered && this.hasJob;
  }

  /** What is wrong with the answer, if anything is. */
  push(chunk: Buffer): string | undefined {
    // Not a miner's stream: a check's own connection.
    // eslint-disable-next-line no-restricted-syntax -- see above
    this.tail += chunk.toString('latin1');
    if (this.tail.length > MAX_ANSWER_BYTES) return 'it answers a subscribe without an end';
    const lines = this.tail.split('\n');
    this.tail = lines.pop() ?? '';
    for (const line of lines) {
      const fault = this.line(line);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  private line(line: string): string | undefined {
    if (line.trim() === '') return undefined;
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      return 'it answers with what is no JSON';
    }
    if (typeof message !== 'object' || message === null) return 'it answers with what is no message';
    const { id, method, result, error } = message as Record<string, unknown>;
    if (method === 'mining.notify' || method === 'job') this.hasJob = true;
    if (method !== undefined || id !== 1) return undefined;
    if (error !== undefined && error !== null)
      return `it refuses a subscribe: ${JSON.stringify(error).slice(0, 200)}`;
    this.answered = result !== undefined && result !== null;
    return undefined;
  }
}
