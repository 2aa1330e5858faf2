import type { Difficulty, DifficultyUnits } from '../difficulty/difficulty';
import { SessionDifficulty } from '../difficulty/session-difficulty';
import type { AuthorizeEvent, RequestKind } from '../events/requests';
import type { Share } from '../events/shares';
import type { StratumEvent, StratumEventSink } from '../events/stratum-event';
import type { MessageId } from '../message';
import { PendingRequest, PendingRequests } from './pending-requests';
import { Settlement } from './settlement';
import type { ChunkClock } from '../stream/chunk-clock';
import { clip } from '../text';
import type { WorkerLogin } from './worker-logins';
import { EMPTY_LOGIN, WorkerLogins } from './worker-logins';

/**
 * What one session has said so far: who logged in, which jobs are known, what waits for an answer.
 *
 * The dialects read the messages and tell the conversation what they mean; it keeps the books and
 * tells the sink. One rule for all of them: each submit is settled exactly once.
 */
export class Conversation {
  readonly pending = new PendingRequests();
  readonly logins = new WorkerLogins();
  readonly difficulty: SessionDifficulty;
  readonly settlement: Settlement;
  /** The text of a target that a job carried last: nearly always the next one's. */
  lastTarget: string | undefined = undefined;
  /** The height of the job that came last, where jobs are numbered anew at each height. */
  lastHeight: string | null = null;

  constructor(
    units: DifficultyUnits,
    private readonly clock: ChunkClock,
    private readonly sink: StratumEventSink,
  ) {
    this.difficulty = new SessionDifficulty(units);
    this.settlement = new Settlement(this.pending, this.logins, clock, sink);
  }

  /** The names most likely to come next: who submits, and for which job. */
  get lastWorker(): string | undefined {
    return this.logins.last?.login.text;
  }

  get lastJob(): string | undefined {
    return this.difficulty.lastJob;
  }

  get lastToken(): string | undefined {
    return this.logins.lastToken;
  }

  tell(event: StratumEvent): void {
    this.sink.push(event);
  }

  /** A request that is no submit. Without an id it waits for nothing. */
  request(kind: Exclude<RequestKind, 'submit'>, id: MessageId): void {
    if (id !== null && id !== undefined) this.wait(kind, id, null, null);
  }

  /** A login. Its answer decides whether the worker is authorized. `rig` stands in a field of its own. */
  authorize(
    id: MessageId,
    text: string,
    told: Pick<AuthorizeEvent, 'password' | 'agent'>,
    rig: string | null = null,
  ): void {
    const asked = text === '' ? null : this.logins.ask(clip(text), rig);
    const { worker, login } = asked ?? { worker: '', login: EMPTY_LOGIN };
    this.sink.push({ kind: 'authorize', id, worker, login, ...told });
    if (id !== null && id !== undefined) this.wait('authorize', id, null, asked);
  }

  /** A subscription, which is the login at the same time where it says who logs in. */
  subscribe(
    id: MessageId,
    agent: string | null,
    text: string | null = null,
    rig: string | null = null,
  ): void {
    const asked = text === null ? null : this.logins.ask(text, rig);
    const { worker = null, login = null } = asked ?? {};
    this.sink.push({ kind: 'subscribe', id, agent, worker, login });
    if (id !== null && id !== undefined) this.wait('subscribe', id, null, asked);
  }

  /**
   * A share in the name of a login, or what the pool calls one by. Without a name it is the last login's; so it is
   * where jobs have no shape that is listed and nobody knows what stands in the name's place.
   */
  submit(id: MessageId, name: string | null, job: string | null): void {
    const { logins, difficulty } = this;
    const isNobodys = difficulty.hasUnlistedJobs && name !== null && logins.known(name) === undefined;
    this.submitNamed(id, isNobodys ? null : name, job);
  }

  /** The same where the name stands in a field that is for names. */
  submitNamed(id: MessageId, name: string | null, job: string | null): void {
    const { logins } = this;
    const submitter = name === null ? logins.last : (logins.known(name) ?? logins.named(name));
    this.submitAs(id, submitter, job);
  }

  /** A share of one who is known already. `key` is the job's where its id does not do. */
  submitAs(id: MessageId, submitter: WorkerLogin | undefined, job: string | null, key = job): void {
    const { difficulty, hashes } = this.difficulty.submit(key);
    const share: Share = {
      worker: submitter?.worker ?? null,
      login: submitter?.login ?? null,
      authorized: submitter?.state === 'authorized',
      job,
      difficulty,
      hashes,
    };
    this.wait('submit', id, share, null);
    this.sink.push({ kind: 'submit', id, share });
  }

  /** A job, at the difficulty in force. */
  notify(id: MessageId, job: string | null): void {
    const { difficulty } = this;
    difficulty.announceJob(job);
    this.tellJob(id, job, difficulty.next, true);
  }

  /** A job that carries its own difficulty. */
  notifyAt(id: MessageId, job: string | null, difficulty: Difficulty, key = job): void {
    this.difficulty.announceJobAt(key, difficulty);
    this.tellJob(id, job, difficulty, true);
  }

  /** A job inside the answer to something else. */
  jobInAnswer(id: MessageId, job: string | null, difficulty: Difficulty): void {
    this.difficulty.announceJobAt(job, difficulty);
    this.tellJob(id, job, difficulty, false);
  }

  /** A job that is the answer to a request for work. */
  answerWithJob(
    request: PendingRequest,
    id: MessageId,
    job: string | null,
    difficulty: Difficulty,
    key = job,
  ): void {
    this.difficulty.announceJobAt(key, difficulty);
    this.sink.push({
      kind: 'notify',
      id,
      notification: false,
      job,
      difficulty: difficulty.difficulty,
      hashes: difficulty.hashes,
      answersGetwork: true,
      alsoAnswers: 'getwork',
      latencyMs: this.settlement.waited(request),
    });
  }

  private tellJob(id: MessageId, job: string | null, at: Difficulty, notification: boolean): void {
    const { difficulty, hashes } = at;
    this.sink.push({ kind: 'notify', id, notification, job, difficulty, hashes, answersGetwork: false });
  }

  private wait(kind: RequestKind, id: MessageId, share: Share | null, login: WorkerLogin | null): void {
    if (this.pending.full) this.settlement.evictOldest();
    this.pending.add(new PendingRequest(id, kind, this.clock.nowMs, share, login));
  }
}
