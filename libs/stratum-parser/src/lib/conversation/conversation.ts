import type { ChunkClock } from '../stream/chunk-clock';
import type { Difficulty, DifficultyUnits } from '../difficulty/difficulty';
import {
  announcedDifficulty,
  plainDifficulty,
  startAtDifficulty1,
  startUnknown,
  UNKNOWN_DIFFICULTY,
} from '../difficulty/difficulty';
import type { AuthorizeEvent, RequestKind } from '../events/requests';
import type { Share, UnansweredEvent } from '../events/shares';
import type { StratumEvent, StratumEventSink } from '../events/stratum-event';
import type { MessageId } from '../message';
import { JobTable } from '../difficulty/job-table';
import type { Refusal, ShareVerdict } from './outcome';
import { ACCEPTED, loginRefusalReason, NO_REFUSAL } from './outcome';
import { PendingRequest, PendingRequests } from './pending-requests';
import { classifyRejection } from '../refusals/rejection-reason';
import { clip } from '../text';
import type { WorkerLogin } from './worker-logins';
import { EMPTY_LOGIN, WorkerLogins } from './worker-logins';

/** What a pool's announcement answers at the same time. */
interface AlsoAnswered {
  readonly alsoAnswers: Exclude<RequestKind, 'submit'>;
  readonly latencyMs: number;
}

/**
 * What one session has said so far: who logged in, which jobs are known, what waits for an answer.
 *
 * The dialects read the messages and tell the conversation what they mean; it keeps the books and
 * tells the sink. One rule for all of them: each submit is settled exactly once.
 */
export class Conversation {
  readonly pending = new PendingRequests();
  readonly logins = new WorkerLogins();
  /** The text of a target that a job carried last: nearly always the next one's. */
  lastTarget: string | undefined = undefined;
  /** The height of the job that came last, where jobs are numbered anew at each height. */
  lastHeight: string | null = null;
  private readonly jobs = new JobTable();
  private current: Difficulty;
  private hasAnnounced = false;
  private lastAnnounced: Difficulty | undefined;
  private hasSubmitted = false;
  private jobsShown: 'none' | 'unlisted' | 'listed' = 'none';

  constructor(
    private readonly units: DifficultyUnits,
    private readonly clock: ChunkClock,
    private readonly sink: StratumEventSink,
  ) {
    this.current = startAtDifficulty1(units.hashesPerDifficulty1);
  }

  /** What the next job will have. */
  get nextDifficulty(): Difficulty {
    return this.current;
  }

  /** What `set_difficulty` announced last, whatever was announced otherwise; undefined without one. */
  get announced(): Difficulty | undefined {
    return this.lastAnnounced;
  }

  /** The names most likely to come next: who submits, and for which job. */
  get lastWorker(): string | undefined {
    return this.logins.last?.login.text;
  }

  get lastJob(): string | undefined {
    return this.jobs.last;
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
    const { logins } = this;
    const isNobodys = this.jobsShown === 'unlisted' && name !== null && logins.known(name) === undefined;
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
    this.hasSubmitted = true;
    const { difficulty, hashes } = (key === null ? undefined : this.jobs.find(key)) ?? this.current;
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

  /** Settles a share. */
  settle(request: PendingRequest, share: Share, id: MessageId, verdict: ShareVerdict): void {
    const { code, message } = verdict.refusal;
    const latencyMs = this.clock.nowMs - request.askedAtMs;
    // Three literals rather than a spread: this runs once per share.
    if (verdict.outcome === 'accepted') {
      const { outcome, stale } = verdict;
      this.sink.push({ kind: 'response', to: 'submit', outcome, id, share, stale, code, message, latencyMs });
    } else if (verdict.outcome === 'rejected') {
      const { outcome, reason } = verdict;
      this.sink.push({
        kind: 'response',
        to: 'submit',
        outcome,
        id,
        share,
        reason,
        code,
        message,
        latencyMs,
      });
    } else {
      const { outcome } = verdict;
      this.sink.push({ kind: 'response', to: 'submit', outcome, id, share, code, message, latencyMs });
    }
  }

  /** The answer to a request that is no submit; `refusal` null when it was granted, `said` in any case. */
  answer(
    request: PendingRequest,
    id: MessageId,
    refusal: Refusal | null,
    status: string | null,
    said = refusal ?? NO_REFUSAL,
  ): void {
    const { kind, login } = request;
    if (kind === 'submit') return;
    if (login !== null) this.logins.answer(login, refusal === null);
    this.sink.push({
      kind: 'response',
      to: kind,
      id,
      outcome: refusal === null ? 'ok' : 'error',
      reason: refusal === null ? null : reasonFor(kind, refusal),
      code: said.code,
      message: said.message,
      worker: login?.worker ?? null,
      login: login?.login ?? null,
      status,
      latencyMs: this.clock.nowMs - request.askedAtMs,
    });
  }

  /** The plainest of answers: true, and no error. */
  grant(id: MessageId): void {
    const request = this.pending.take(id);
    if (request === undefined) this.orphan(id, null);
    else if (request.share !== null) this.settle(request, request.share, id, ACCEPTED);
    else this.answer(request, id, null, null);
  }

  orphan(id: MessageId, refusal: Refusal | null): void {
    const { code, message } = refusal ?? NO_REFUSAL;
    this.sink.push({ kind: 'response', to: null, outcome: 'orphan', id, code, message });
  }

  /** Some pools answer a request with an announcement that carries its id. Never a submit. */
  alsoAnswered(kind: Exclude<RequestKind, 'submit'>, id: MessageId): AlsoAnswered | undefined {
    const request = this.pending.takeOf(kind, id);
    if (request === undefined) return undefined;
    return { alsoAnswers: kind, latencyMs: this.clock.nowMs - request.askedAtMs };
  }

  /** The session turned out to speak a dialect with its own start. */
  begin(start: (hashesPerDifficulty1: number) => Difficulty): void {
    if (!this.hasAnnounced && this.jobsShown !== 'unlisted')
      this.current = start(this.units.hashesPerDifficulty1);
  }

  /** A job, or frames, have shown the dialect: what it begins with holds, unless the pool has said otherwise. */
  showDialect(start: (hashesPerDifficulty1: number) => Difficulty): void {
    this.jobsShown = 'listed';
    this.begin(start);
  }

  /** What `set_target` means with a number instead of a text; the documents disagree. */
  numericTarget(value: number): Difficulty {
    return this.units.numericTarget === 'difficulty' ? plainDifficulty(value) : UNKNOWN_DIFFICULTY;
  }

  /** A job, at the difficulty in force. */
  notify(id: MessageId, job: string | null): void {
    if (this.jobsShown === 'none') this.foundUnlisted();
    if (job !== null) this.jobs.announce(job, this.current);
    this.tellJob(id, job, this.current, true);
  }

  /** A job that carries its own difficulty; shares of unknown jobs have that one from now on. */
  notifyAt(id: MessageId, job: string | null, difficulty: Difficulty, key = job): void {
    this.announceJob(key, difficulty);
    this.tellJob(id, job, difficulty, true);
  }

  /** A job inside the answer to something else. */
  jobInAnswer(id: MessageId, job: string | null, difficulty: Difficulty): void {
    this.announceJob(job, difficulty);
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
    this.announceJob(key, difficulty);
    this.sink.push({
      kind: 'notify',
      id,
      notification: false,
      job,
      difficulty: difficulty.difficulty,
      hashes: difficulty.hashes,
      answersGetwork: true,
      alsoAnswers: 'getwork',
      latencyMs: this.clock.nowMs - request.askedAtMs,
    });
  }

  /** A job that is not told: further ones of a message, beside the first. */
  announceJob(key: string | null, difficulty: Difficulty): void {
    this.takeOver(difficulty);
    if (key !== null) this.jobs.announce(key, this.current);
  }

  /** As a target is announced. What miners ignore changes nothing. */
  announceDifficulty(value: number | null): void {
    const announced = announcedDifficulty(value, this.units.hashesPerDifficulty1);
    if (announced === null) return;
    this.lastAnnounced = announced;
    this.announceTarget(announced);
  }

  /** The same where jobs carry their own difficulty: it is at most a factor of that. */
  noteDifficulty(value: number | null): void {
    this.lastAnnounced = announcedDifficulty(value, 1) ?? this.lastAnnounced;
  }

  /**
   * Holds from the next job on; an unknown one does, too: work at a wrong difficulty is worse than none. The first of
   * a session holds for jobs before it as well, unless a share has come.
   */
  announceTarget(difficulty: Difficulty): void {
    const isFirst = !this.hasAnnounced && !this.hasSubmitted;
    this.takeOver(difficulty);
    if (isFirst) this.jobs.rate(this.current);
  }

  private takeOver(difficulty: Difficulty): void {
    this.hasAnnounced = true;
    // An equal one is the same one: eras of difficulties are told apart by identity.
    if (!isSame(this.current, difficulty)) this.current = difficulty;
  }

  /** No answer will come any more. */
  close(): void {
    for (let left = this.pending.takeOldest(); left !== undefined; left = this.pending.takeOldest()) {
      this.abandon(left, 'closed');
    }
  }

  /** A job of a shape that nobody has listed: what listed ones begin with does not hold. */
  private foundUnlisted(): void {
    this.begin(startUnknown);
    this.jobsShown = 'unlisted';
  }

  private tellJob(id: MessageId, job: string | null, at: Difficulty, notification: boolean): void {
    const { difficulty, hashes } = at;
    this.sink.push({ kind: 'notify', id, notification, job, difficulty, hashes, answersGetwork: false });
  }

  private wait(kind: RequestKind, id: MessageId, share: Share | null, login: WorkerLogin | null): void {
    const evicted = this.pending.full ? this.pending.takeOldest() : undefined;
    if (evicted !== undefined) this.abandon(evicted, 'evicted');
    this.pending.add(new PendingRequest(id, kind, this.clock.nowMs, share, login));
  }

  private abandon({ id, share }: PendingRequest, cause: UnansweredEvent['cause']): void {
    if (share !== null) this.sink.push({ kind: 'unanswered', id, share, cause });
  }
}

function reasonFor(kind: RequestKind, refusal: Refusal): ReturnType<typeof classifyRejection> {
  if (kind === 'authorize') return loginRefusalReason(refusal);
  return classifyRejection(refusal.message, refusal.code);
}

function isSame(one: Difficulty, other: Difficulty): boolean {
  return one.difficulty === other.difficulty && one.hashes === other.hashes;
}
