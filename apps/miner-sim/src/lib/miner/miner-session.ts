import { answer, readMessage, request, type Answer, type MessageId, type Request } from '../message';
import type { Link, LinkHandler } from '../net/link';
import { Login } from './login';
import type { MinerContext } from './miner-context';
import type { ShareFault } from './miner-options';
import { Outstanding } from './outstanding';
import { outcomeOf } from './outcome';
import type { Share } from './share-search';
import { readWork, type Work } from './work';
import { Workbench } from './workbench';

/** No further submits while so much waits to be sent. */
const MAX_BACKLOG_BYTES = 64 * 1024;

interface Waiting {
  /** Set for submits only. */
  readonly submit?: { readonly worker: string; readonly difficulty: number; readonly sentAt: number };
  readonly answered?: (answer: Answer) => void;
}

/** One connection of a miner: login, jobs, submits and their answers. */
export class MinerSession implements LinkHandler {
  readonly link: Link;
  private readonly login: Login;
  private readonly bench = new Workbench();
  private readonly requests = new Outstanding<Waiting>();
  private openSubmits = 0;
  private submits = 0;
  private nextId = 1;
  private wasOpen = false;
  private resting = false;
  private plan: ShareFault | 'right' | undefined;

  constructor(
    workers: readonly string[],
    private readonly misbehaves: boolean,
    private readonly context: MinerContext,
    openLink: (handler: LinkHandler) => Link,
    private readonly over: (wasOpen: boolean) => void,
  ) {
    this.link = openLink(this);
    this.login = new Login(workers, this.bench, context, (method, params, answered) =>
      this.ask(method, params, answered),
    );
  }

  opened(): void {
    this.wasOpen = true;
    this.context.tally.connections += 1;
    if (!(this.misbehaves && this.context.options.connectionFaults.mute)) this.login.start();
  }

  get unanswered(): number {
    return this.openSubmits;
  }

  get hashes(): number {
    return this.bench.hashes;
  }

  get ready(): boolean {
    if (this.resting || !this.bench.hasWork || this.login.workers.length === 0 || this.link.closed)
      return false;
    return this.openSubmits < this.context.options.window && this.link.backlogBytes < MAX_BACKLOG_BYTES;
  }

  mine(maxHashes: number): boolean {
    if (!this.ready) return false;
    const worker = this.nextWorker();
    // Decided once per share, however many calls it takes to find it.
    this.plan ??= this.context.faults.choose() ?? 'right';
    if (this.plan !== 'right' && this.mineWrong(this.plan, worker)) return true;
    const share = this.bench.find(maxHashes, worker);
    if (share === undefined) return false;
    this.submit(share, worker);
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
    const { works } = this.context;
    const known = works.known(bytes, start, end);
    if (known === undefined) this.read(bytes, start, end);
    else this.take(known);
  }

  oversize(): void {
    this.context.tally.malformed += 1;
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

  private read(bytes: Buffer, start: number, end: number): void {
    const { tally } = this.context;
    const message = readMessage(bytes.toString('utf8', start, end));
    if (message === undefined) {
      if (start !== end) tally.malformed += 1;
    } else if (message.kind === 'answer') this.answered(message);
    else if (message.method === 'mining.notify') this.notified(message, bytes.subarray(start, end));
    else this.told(message);
  }

  private ask(method: string, params: readonly unknown[], answered: (answer: Answer) => void): void {
    const id = this.nextId;
    this.nextId += 1;
    this.requests.add(id, { answered });
    this.link.write(request(id, method, params));
  }

  private answered(message: Answer): void {
    const { tally } = this.context;
    const waiting = this.requests.take(message.id);
    if (waiting === undefined) {
      tally.unmatchedAnswers += 1;
      return;
    }
    waiting.answered?.(message);
    if (waiting.submit === undefined) return;
    this.openSubmits -= 1;
    const { worker, difficulty, sentAt } = waiting.submit;
    tally.latency.record(performance.now() - sentAt);
    const outcome = outcomeOf(message);
    if (outcome.kind === 'accepted') tally.shares.accept(worker, difficulty);
    else if (outcome.kind === 'rejected') tally.shares.reject(worker, outcome.text);
    else tally.shares.unreadable(worker);
  }

  private notified({ params }: Request, line: Buffer): void {
    const work = readWork(params);
    if (work === undefined) {
      this.context.tally.malformed += 1;
      return;
    }
    this.context.works.remember(Buffer.from(line), work);
    this.take(work);
  }

  private take(work: Work): void {
    const { tally } = this.context;
    tally.jobs += 1;
    tally.jobTimes.touch(work.jobId);
    this.bench.take(work);
  }

  private told({ id, method, params }: Request): void {
    const [first, second] = params;
    switch (method) {
      case 'mining.set_difficulty':
        if (typeof first === 'number' && first > 0) this.bench.announcedDifficulty = first;
        return;
      case 'mining.set_extranonce':
        this.bench.extranonce1 = Buffer.from(String(first), 'hex');
        if (typeof second === 'number') this.bench.extranonce2Bytes = second;
        return;
      case 'mining.set_version_mask':
        this.bench.versionMask = Number.parseInt(String(first), 16);
        return;
      case 'mining.ping':
      case 'client.get_version':
        this.context.tally.serverRequests += 1;
        this.link.write(answer(id, method === 'mining.ping' ? 'pong' : 'miner-sim/1.0'));
        return;
      case 'client.reconnect':
        this.leave('fin');
        return;
      default:
        return;
    }
  }

  private submit(share: Share, worker: string): void {
    this.plan = undefined;
    const id = this.submitId();
    const params = [worker, share.jobId, share.extranonce2, share.ntime, share.nonce];
    if (share.versionBits !== undefined) params.push(share.versionBits);
    if (!this.link.write(request(id, 'mining.submit', params))) return;
    const { difficulty } = this.bench;
    this.requests.add(id, { submit: { worker, difficulty, sentAt: performance.now() } });
    this.openSubmits += 1;
    this.submits += 1;
    this.context.tally.shares.submit(worker);
    if (this.misbehaves) this.misbehave();
  }

  private misbehave(): void {
    const { halfCloseAfter, resetAfter } = this.context.options.connectionFaults;
    if (this.submits === halfCloseAfter) this.leave('fin');
    if (this.submits === resetAfter) this.leave('rst');
  }

  /** False when this fault cannot be made now; then a right share is mined instead. */
  private mineWrong(fault: ShareFault, worker: string): boolean {
    const wrong = this.bench.spoil(fault, worker);
    if (wrong === undefined) {
      this.plan = 'right';
      return false;
    }
    this.context.faults.done(fault);
    this.submit(wrong.share, wrong.worker);
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
    const { workers } = this.login;
    return workers[this.submits % workers.length] ?? '';
  }
}
