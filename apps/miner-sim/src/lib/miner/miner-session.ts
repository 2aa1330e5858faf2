import type { MinerPort, MinerSpeech } from '../dialects/miner-dialect';
import { answer, readMessage, type Answer, type MessageId, type Request } from '../message';
import type { Link, LinkHandler } from '../net/link';
import type { Submitter } from '../share-counts';
import type { ShareWorth } from '../share-target';
import { AGENT } from './agent';
import type { MinerIdentity } from './miner';
import type { MinerContext } from './miner-context';
import type { ShareFault } from './miner-options';
import { Outstanding } from './outstanding';
import type { Submission } from './workbench';

/** No further submits while so much waits to be sent. */
const MAX_BACKLOG_BYTES = 64 * 1024;

interface Waiting {
  /** Set for submits only. */
  readonly submit?: { readonly by: Submitter; readonly worth: ShareWorth; readonly sentAt: number };
  readonly answered?: (answer: Answer) => void;
}

/** One connection of a miner: when it submits, and what it is answered. What is said is its dialect's. */
export class MinerSession implements LinkHandler, MinerPort {
  readonly link: Link;
  private readonly speech: MinerSpeech;
  /** Those that the pool has let in. */
  private readonly workers: string[] = [];
  private readonly requests = new Outstanding<Waiting>();
  private openSubmits = 0;
  private submits = 0;
  private nextId = 1;
  private wasOpen = false;
  private resting = false;
  private plan: ShareFault | 'right' | undefined;

  constructor(
    private readonly identity: MinerIdentity,
    readonly context: MinerContext,
    openLink: (handler: LinkHandler) => Link,
    private readonly over: (wasOpen: boolean) => void,
  ) {
    this.link = openLink(this);
    this.speech = identity.dialect.speak(this);
  }

  get names(): readonly string[] {
    return this.identity.workers;
  }

  opened(): void {
    this.wasOpen = true;
    const { tally, options } = this.context;
    tally.connections += 1;
    tally.shares.connected(this.speech.dialect);
    if (!(this.identity.misbehaves && options.connectionFaults.mute)) this.speech.begin();
  }

  get unanswered(): number {
    return this.openSubmits;
  }

  get hashes(): number {
    return this.speech.bench.hashes;
  }

  get ready(): boolean {
    if (this.resting || !this.speech.bench.hasWork || this.workers.length === 0 || this.link.closed)
      return false;
    return this.openSubmits < this.context.options.window && this.link.backlogBytes < MAX_BACKLOG_BYTES;
  }

  /** Ready, and everything that was asked to get there is answered: the logins of all its workers. */
  get settledIn(): boolean {
    return this.ready && this.requests.size === this.openSubmits;
  }

  mine(maxHashes: number): boolean {
    if (!this.ready) return false;
    const worker = this.nextWorker();
    // Decided once per share, however many calls it takes to find it.
    this.plan ??= this.context.faults.choose() ?? 'right';
    if (this.plan !== 'right' && this.mineWrong(this.plan, worker)) return true;
    const submission = this.speech.bench.find(maxHashes, worker);
    if (submission === undefined) return false;
    this.submit(submission);
    return true;
  }

  rest(): void {
    this.resting = true;
  }

  leave(how: 'fin' | 'rst'): void {
    this.rest();
    if (!this.wasOpen) this.link.destroy();
    else if (how === 'rst') this.link.reset();
    else this.link.end();
  }

  line(bytes: Buffer, start: number, end: number): void {
    if (this.speech.recall?.(bytes, start, end) !== true) this.read(bytes, start, end);
  }

  oversize(): void {
    this.malformed();
  }

  /** The pool has ended: there is nobody left to submit to. */
  ended(): void {
    this.leave('fin');
  }

  closed(failed: boolean): void {
    const { tally } = this.context;
    tally.bytes.add(this.link);
    if (!this.wasOpen) tally.connectFailures += 1;
    else if (failed) tally.failedConnections += 1;
    this.over(this.wasOpen);
  }

  ask(write: (id: MessageId) => string, answered: (answer: Answer) => void): void {
    const id = this.nextId;
    this.nextId += 1;
    this.requests.add(id, { answered });
    this.link.write(write(id));
  }

  letIn(worker: string): void {
    this.context.tally.authorized += 1;
    this.workers.push(worker);
  }

  turnedAway(): void {
    this.context.tally.refusedAuthorizations += 1;
  }

  jobRead(jobId: string): void {
    const { tally } = this.context;
    tally.jobs += 1;
    tally.jobTimes.touch(jobId);
  }

  malformed(): void {
    this.context.tally.malformed += 1;
  }

  private read(bytes: Buffer, start: number, end: number): void {
    const message = readMessage(bytes.toString('utf8', start, end));
    if (message === undefined) {
      if (start !== end) this.malformed();
    } else if (message.kind === 'answer') this.answered(message);
    else this.told(message, bytes.subarray(start, end));
  }

  private answered(message: Answer): void {
    const { tally } = this.context;
    const waiting = this.requests.take(message.id);
    if (waiting === undefined) {
      if (this.speech.overheard?.(message) !== true) tally.unmatchedAnswers += 1;
      return;
    }
    waiting.answered?.(message);
    if (waiting.submit === undefined) return;
    this.openSubmits -= 1;
    const { by, worth, sentAt } = waiting.submit;
    tally.latency.record(performance.now() - sentAt);
    const outcome = this.speech.outcomeOf(message);
    if (outcome.kind === 'accepted') tally.shares.accept(by, worth);
    else if (outcome.kind === 'rejected') tally.shares.reject(by, outcome.text);
    else tally.shares.unreadable(by);
  }

  /** Some requests are common to all dialects. */
  private told(message: Request, line: Buffer): void {
    switch (message.method) {
      case 'mining.ping':
      case 'client.get_version':
        this.context.tally.serverRequests += 1;
        this.link.write(answer(message.id, message.method === 'mining.ping' ? 'pong' : AGENT));
        return;
      case 'client.reconnect':
        this.leave('fin');
        return;
      default:
        this.speech.told(message, line);
    }
  }

  private submit(submission: Submission): void {
    this.plan = undefined;
    const id = this.submitId();
    if (!this.link.write(submission.line(id))) return;
    const by = { worker: submission.worker, dialect: this.speech.dialect };
    this.requests.add(id, { submit: { by, worth: this.speech.bench.worth, sentAt: performance.now() } });
    this.openSubmits += 1;
    this.submits += 1;
    this.context.tally.shares.submit(by);
    if (this.identity.misbehaves) this.misbehave();
  }

  private misbehave(): void {
    const { halfCloseAfter, resetAfter } = this.context.options.connectionFaults;
    if (this.submits === halfCloseAfter) this.leave('fin');
    if (this.submits === resetAfter) this.leave('rst');
  }

  /** False when this fault cannot be made now; then a right share is mined instead. */
  private mineWrong(fault: ShareFault, worker: string): boolean {
    const wrong = this.speech.bench.spoil(fault, worker);
    if (wrong === undefined) {
      this.plan = 'right';
      return false;
    }
    this.context.faults.done(fault);
    this.submit(wrong);
    return true;
  }

  private submitId(): MessageId {
    const { submitIds } = this.context.options;
    // Pooler's cpuminer and its descendants send every submit with id 4.
    if (submitIds === 'constant') return 4;
    const id = this.nextId;
    this.nextId += 1;
    return submitIds === 'string' ? `s-${id}` : id;
  }

  private nextWorker(): string {
    const { workers } = this;
    return workers[this.submits % workers.length] ?? '';
  }
}
