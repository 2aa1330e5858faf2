import type { Socket } from 'node:net';
import type { DialectName } from '../dialects/dialect-name';
import type { PoolDialect, PoolPort, PoolSpeech, SettledSubmit } from '../dialects/pool-dialect';
import { poolDialect, recogniseDialect } from '../dialects/pool-dialects';
import { readMessage, refusal, request, type MessageId, type Request } from '../message';
import { Link, type LinkHandler } from '../net/link';
import { AnswerDesk } from './answer-desk';
import { DifficultyHistory } from './difficulty-history';
import type { Job } from './job';
import type { PoolContext } from './pool-context';
import { Vardiff } from './vardiff';

/** Longer lines are what no miner sends: such a connection is closed. */
const MAX_LINE_BYTES = 16 * 1024;
/** Reading stops while so much waits to go the other way. */
const PAUSE_BACKLOG_BYTES = 256 * 1024;
const MAX_PENDING_ANSWERS = 4096;
const MAX_WORKERS = 1000;

export interface ConnectionSummary {
  readonly id: number;
  readonly remote_port: number;
  /** null while nothing has shown it. */
  readonly dialect: DialectName | null;
  readonly workers: readonly string[];
  readonly submits: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly bytes_unsent: number;
}

/**
 * One miner's connection, from accept until the socket is gone. What is said on it is its dialect's;
 * when, whether and how often is decided and counted here.
 */
export class PoolConnection implements LinkHandler, PoolPort {
  readonly link: Link;
  readonly workers = new Set<string>();
  readonly difficulties: DifficultyHistory;
  /** undefined until the first request shows the dialect, if the pool speaks any. */
  private speech: PoolSpeech | undefined;
  private submits = 0;
  hasJob = false;
  private paused = false;
  private leaving = false;
  private readonly remotePort: number;
  private readonly desk: AnswerDesk;
  private readonly vardiff: Vardiff | undefined;

  constructor(
    readonly connectionId: number,
    socket: Socket,
    readonly context: PoolContext,
  ) {
    const { options, random, nowMs } = context;
    this.link = new Link(socket, { chunking: options.chunking, maxLineBytes: MAX_LINE_BYTES, random }, this);
    this.remotePort = socket.remotePort ?? 0;
    this.difficulties = new DifficultyHistory(options.difficulty);
    this.desk = new AnswerDesk(context, (line) => this.say(line));
    this.vardiff = options.vardiff && new Vardiff(options.vardiff, nowMs());
    if (options.dialect !== 'any') this.speak(poolDialect(options.dialect));
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

  /** Sends a job if this miner may have one; a known one is sent anew. */
  sendJob(job: Job): void {
    const { speech } = this;
    if (speech === undefined || this.workers.size === 0 || this.leaving) return;
    this.considerVardiff();
    if (!this.announce(job, speech.jobLine(job, !this.hasJob))) return;
    if (this.link.backlogBytes > this.context.options.maxBacklogBytes) {
      this.context.tally.droppedSlow += 1;
      this.link.destroy();
    }
  }

  announce(job: Job, line: string | Buffer): boolean {
    if (!this.say(line)) return false;
    this.hasJob = true;
    this.difficulties.freeze(job.seq);
    this.difficulties.forget(job.seq - 64);
    return true;
  }

  setDifficulty(difficulty: number): void {
    this.difficulties.announce(difficulty);
    const line = this.speech?.difficultyLine(difficulty);
    if (line !== undefined) this.say(line);
  }

  admit(worker: unknown): worker is string {
    const { options, random } = this.context;
    if (typeof worker !== 'string' || this.workers.size >= MAX_WORKERS) return false;
    if (random() < options.faults.refuseAuthorizeRate) return false;
    this.workers.add(worker);
    return true;
  }

  welcome(line: string, job?: Job): void {
    const said = job === undefined ? this.say(line) : this.announce(job, line);
    if (said) this.context.tally.authorized += 1;
  }

  turnAway(line: string): void {
    if (this.say(line)) this.context.tally.refusedAuthorizations += 1;
  }

  settle(submit: SettledSubmit): void {
    const { tally, options, submitted } = this.context;
    const { speech } = this;
    if (speech === undefined) return;
    this.submits += 1;
    tally.shares.submit({ worker: submit.worker, dialect: speech.dialect });
    if (options.faults.collidingRequests) this.askWithIdOf(submit.id);
    this.desk.settle(submit, speech);
    if (submit.verdict.kind === 'accepted') this.vardiff?.share();
    this.considerVardiff();
    if (this.submits >= (options.faults.closeAfter ?? Infinity)) this.leave(options.faults.closeHow);
    submitted();
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
      id: this.connectionId,
      remote_port: this.remotePort,
      dialect: this.speech?.dialect ?? null,
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
    if (this.speech === undefined) {
      const dialect = recogniseDialect(message);
      if (dialect !== undefined) this.speak(dialect);
    }
    if (this.speech === undefined) this.say(refusal(message.id, -3, 'Method not found'));
    else this.speech.handle(message);
  }

  private speak(dialect: PoolDialect): void {
    this.speech = dialect.speak(this);
    this.context.tally.shares.connected(dialect.name);
  }

  private askWithIdOf(id: MessageId): void {
    const method = this.submits % 2 === 0 ? 'client.get_version' : 'mining.ping';
    if (this.say(request(id, method, []))) this.context.tally.serverRequests += 1;
  }

  private considerVardiff(): void {
    const next = this.vardiff?.retarget(this.difficulties.current, this.context.nowMs());
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
