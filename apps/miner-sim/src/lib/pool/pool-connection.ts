import type { Socket } from 'node:net';
import { Link, type LinkHandler } from '../net/link';
import {
  answer,
  notification,
  readMessage,
  refusal,
  request,
  type MessageId,
  type Request,
} from '../message';
import type { Random } from '../random';
import { AnswerDesk } from './answer-desk';
import { ConnectionTerms } from './connection-terms';
import type { Job } from './job';
import type { JobBoard } from './job-board';
import type { PoolOptions } from './pool-options';
import type { PoolTally } from './pool-tally';
import { ShareCheck } from './share-check';
import type { TargetCache } from './target-cache';
import { Vardiff } from './vardiff';

/** Longer lines are what no miner sends: such a connection is closed. */
const MAX_LINE_BYTES = 16 * 1024;
/** Reading stops while so much waits to go the other way. */
const PAUSE_BACKLOG_BYTES = 256 * 1024;
const MAX_PENDING_ANSWERS = 4096;
const MAX_WORKERS = 1000;

/** What all connections of a pool have in common. */
export interface PoolContext {
  readonly options: PoolOptions;
  readonly board: JobBoard;
  readonly targets: TargetCache;
  readonly tally: PoolTally;
  readonly random: Random;
  readonly nowMs: () => number;
  /** The whole pool has gone silent. */
  readonly isSilent: () => boolean;
  readonly submitted: () => void;
  readonly closed: (connection: PoolConnection, failed: boolean) => void;
}

export interface ConnectionSummary {
  readonly id: number;
  readonly remote_port: number;
  readonly workers: readonly string[];
  readonly submits: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly bytes_unsent: number;
}

/** One miner's connection, from accept until the socket is gone. */
export class PoolConnection implements LinkHandler {
  readonly link: Link;
  readonly workers = new Set<string>();
  readonly terms: ConnectionTerms;
  private submits = 0;
  private hasJob = false;
  private paused = false;
  private leaving = false;
  private readonly remotePort: number;
  private readonly check: ShareCheck;
  private readonly desk: AnswerDesk;
  private readonly vardiff: Vardiff | undefined;

  constructor(
    readonly id: number,
    socket: Socket,
    private readonly context: PoolContext,
  ) {
    const { options, random, nowMs } = context;
    this.link = new Link(socket, { chunking: options.chunking, maxLineBytes: MAX_LINE_BYTES, random }, this);
    this.remotePort = socket.remotePort ?? 0;
    this.terms = new ConnectionTerms(id, options);
    this.check = new ShareCheck(context.board, context.targets, nowMs);
    this.desk = new AnswerDesk(context, (line) => this.say(line));
    this.vardiff = options.vardiff && new Vardiff(options.vardiff, nowMs());
  }

  start(): void {
    this.link.start();
  }

  line(bytes: Buffer, start: number, end: number): void {
    if (this.leaving || this.link.closed) return;
    const message = readMessage(bytes.toString('utf8', start, end));
    if (message === undefined) {
      if (start !== end) this.context.tally.malformed += 1;
      return;
    }
    if (message.kind === 'request') this.handle(message);
    else this.context.tally.clientAnswers += 1;
    this.pauseWhileBusy();
  }

  oversize(): void {
    this.context.tally.malformed += 1;
    this.link.destroy();
  }

  /** The miner has said its last; what it is owed is still sent. */
  ended(): void {
    this.desk.whenEmpty(() => this.link.end());
  }

  closed(failed: boolean): void {
    this.desk.discard();
    this.context.closed(this, failed);
  }

  /** Sends a job if this miner may have one; `again` sends a known one anew. */
  sendJob(job: Job): void {
    if (this.workers.size === 0 || this.leaving) return;
    this.considerVardiff();
    if (!this.say(this.hasJob ? job.line : job.firstLine)) return;
    this.hasJob = true;
    this.terms.difficulties.freeze(job.seq);
    this.terms.difficulties.forget(job.seq - 64);
    if (this.link.backlogBytes > this.context.options.maxBacklogBytes) {
      this.context.tally.droppedSlow += 1;
      this.link.destroy();
    }
  }

  setDifficulty(difficulty: number): void {
    this.terms.difficulties.announce(difficulty);
    if (this.terms.extranonce1 !== undefined) this.say(notification('mining.set_difficulty', [difficulty]));
  }

  /** Writes any line as it is, for tests. */
  say(line: string | Buffer): boolean {
    return !this.silent && this.link.write(line);
  }

  /** Ends the connection after what is owed; nothing that arrives later is looked at. */
  leave(how: 'fin' | 'rst'): void {
    this.leaving = true;
    this.link.resume();
    if (how === 'rst') this.link.reset();
    else this.desk.whenEmpty(() => this.link.end());
  }

  summary(): ConnectionSummary {
    return {
      id: this.id,
      remote_port: this.remotePort,
      workers: [...this.workers],
      submits: this.submits,
      bytes_sent: this.link.bytesSent,
      bytes_received: this.link.bytesReceived,
      bytes_unsent: this.link.bytesUnsent,
    };
  }

  private get silent(): boolean {
    const { silentAfter, silentConnect } = this.context.options.faults;
    return silentConnect || this.context.isSilent() || this.submits > (silentAfter ?? Infinity);
  }

  private handle(message: Request): void {
    if (message.method === 'mining.submit') this.submit(message);
    else if (message.method === 'mining.authorize') this.authorize(message);
    else if (message.method === 'mining.suggest_difficulty') this.suggestDifficulty(message);
    else if (message.method !== 'mining.noop') this.say(this.plainAnswer(message));
  }

  private plainAnswer(message: Request): string {
    switch (message.method) {
      case 'mining.configure':
        return this.terms.configure(message);
      case 'mining.subscribe':
        return this.terms.subscribe(message);
      case 'mining.extranonce.subscribe':
        return answer(message.id, true);
      case 'mining.ping':
        return answer(message.id, 'pong');
      default:
        return refusal(message.id, -3, 'Method not found');
    }
  }

  private authorize({ id, params }: Request): void {
    const [worker] = params;
    const { tally, options, random, board } = this.context;
    const refused = typeof worker !== 'string' || this.workers.size >= MAX_WORKERS;
    if (refused || random() < options.faults.refuseAuthorizeRate) {
      if (this.say(refusal(id, 24, 'Unauthorized worker', false))) tally.refusedAuthorizations += 1;
      return;
    }
    const first = this.workers.size === 0;
    this.workers.add(worker);
    if (this.say(answer(id, true))) tally.authorized += 1;
    if (!first) return;
    this.say(notification('mining.set_difficulty', [this.terms.difficulties.current]));
    this.sendJob(board.current);
  }

  private suggestDifficulty({ id, params }: Request): void {
    const [wished] = params;
    const fits = typeof wished === 'number' && wished > 0 && Number.isFinite(wished);
    this.say(fits ? answer(id, true) : refusal(id, 20, 'Incorrect parameters'));
    if (fits) this.setDifficulty(wished);
  }

  private submit({ id, params }: Request): void {
    const { tally, options, submitted } = this.context;
    const worker = typeof params[0] === 'string' ? params[0] : '';
    this.submits += 1;
    tally.shares.submit(worker);
    const verdict = this.check.judge(params, this.terms, this.workers);
    if (options.faults.collidingRequests) this.askWithIdOf(id);
    this.desk.settle({ id, worker, verdict });
    if (verdict.kind === 'accepted') this.vardiff?.share();
    this.considerVardiff();
    if (this.submits >= (options.faults.closeAfter ?? Infinity)) this.leave(options.faults.closeHow);
    submitted();
  }

  private askWithIdOf(id: MessageId): void {
    const method = this.submits % 2 === 0 ? 'client.get_version' : 'mining.ping';
    if (this.say(request(id, method, []))) this.context.tally.serverRequests += 1;
  }

  private considerVardiff(): void {
    const next = this.vardiff?.retarget(this.terms.difficulties.current, this.context.nowMs());
    if (next !== undefined) this.setDifficulty(next);
  }

  private pauseWhileBusy(): void {
    if (this.paused) return;
    const backlog = this.link.backlogBytes > PAUSE_BACKLOG_BYTES;
    if (!backlog && this.desk.pending < MAX_PENDING_ANSWERS) return;
    this.paused = true;
    this.link.pause();
    const resume = () => {
      this.paused = false;
      this.link.resume();
    };
    if (backlog) this.link.onceDrained(resume);
    else this.desk.whenEmpty(resume);
  }
}
