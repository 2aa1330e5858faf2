import { meetsTarget } from '../../bitcoin/target';
import { line, type MessageId, type Request } from '../../message';
import type { Job } from '../../pool/job';
import type { PoolDialect, PoolPort, PoolSpeech } from '../pool-dialect';
import { judgeHash, rejected, type Refusal, type Verdict } from '../verdict';
import { blobOf, cryptoNoteHash, NONCE_AT } from './cryptonote-rule';
import { CRYPTONOTE_TARGETS } from './cryptonote-target';

const NONCE = /^[0-9a-fA-F]{8}$/;
const EXTENSIONS = ['algo', 'nicehash', 'keepalive'];

/** The words of nodejs-pool and monero-stratum; the code is always the same. */
const REFUSALS = {
  login: rejected('unauthorized', -1, 'Invalid payment address provided'),
  method: rejected('invalid', -1, 'Invalid method'),
  unauthorized: rejected('unauthorized', -1, 'Unauthenticated'),
  unknown: rejected('stale', -1, 'Invalid job id'),
  stale: rejected('stale', -1, 'Block expired'),
  malformed: rejected('invalid', -1, 'Malformed nonce'),
  wrongResult: rejected('invalid', -1, 'Rejected share: invalid result'),
  low: rejected('low_difficulty', -1, 'Low difficulty share'),
  duplicate: rejected('duplicate', -1, 'Duplicate share'),
};

/** Monero's dialect: one login per connection, the target in each job, the session's id in each submit. */
class CryptoNotePool implements PoolSpeech {
  readonly dialect = 'cryptonote';
  private readonly session: string;
  private worker = '';

  constructor(private readonly port: PoolPort) {
    this.session = `00000000-0000-4000-8000-${port.connectionId.toString(16).padStart(12, '0')}`;
  }

  handle(request: Request): void {
    const { port } = this;
    switch (request.method) {
      case 'submit':
        this.submit(request);
        return;
      case 'login':
        this.enter(request);
        return;
      case 'getjob':
        this.giveJob(request.id);
        return;
      case 'keepalived':
        port.say(this.answer(request.id, { status: 'KEEPALIVED' }));
        return;
      default:
        port.say(this.refusal(request.id, REFUSALS.method));
    }
  }

  jobLine(job: Job): string {
    return line({ jsonrpc: '2.0', method: 'job', params: this.job(job) });
  }

  difficultyLine(): undefined {
    return undefined;
  }

  answer(id: MessageId, result: unknown): string {
    return line({ id, jsonrpc: '2.0', error: null, result });
  }

  acceptance(id: MessageId): string {
    return this.answer(id, { status: 'OK' });
  }

  refusal(id: MessageId, { code, text }: Refusal): string {
    return line({ id, jsonrpc: '2.0', error: { code, message: text } });
  }

  private job(job: Job): object {
    const { port } = this;
    return {
      blob: blobOf(job, port.connectionId).toString('hex'),
      job_id: job.id,
      target: CRYPTONOTE_TARGETS.of(port.difficulties.current).hex,
      algo: 'rx/0',
      height: job.height,
      seed_hash: job.previous.toString('hex'),
    };
  }

  private enter({ id, named }: Request): void {
    const { port } = this;
    const login = named?.login;
    if (login === '' || !port.admit(login)) {
      port.turnAway(this.refusal(id, REFUSALS.login));
      return;
    }
    this.worker = login;
    const { current } = port.context.board;
    const result = { id: this.session, job: this.job(current), extensions: EXTENSIONS, status: 'OK' };
    port.welcome(this.answer(id, result), current);
  }

  private giveJob(id: MessageId): void {
    const { port } = this;
    const { current } = port.context.board;
    if (port.workers.size === 0) port.say(this.refusal(id, REFUSALS.unauthorized));
    else port.announce(current, this.answer(id, this.job(current)));
  }

  private submit({ id, named }: Request): void {
    this.port.settle({ id, worker: this.worker, verdict: this.judge(named ?? {}) });
  }

  private judge({ id, job_id: jobId, nonce, result }: Readonly<Record<string, unknown>>): Verdict {
    const { port } = this;
    if (port.workers.size === 0 || id !== this.session) return REFUSALS.unauthorized;
    const job = typeof jobId === 'string' ? port.context.board.find(jobId) : 'unknown';
    if (job === 'unknown') return REFUSALS.unknown;
    if (job === 'stale') return REFUSALS.stale;
    if (typeof nonce !== 'string' || !NONCE.test(nonce)) return REFUSALS.malformed;
    const blob = blobOf(job, port.connectionId);
    blob.write(nonce, NONCE_AT, 'hex');
    const hash = cryptoNoteHash(blob);
    if (typeof result !== 'string' || result.toLowerCase() !== hash.toString('hex'))
      return REFUSALS.wrongResult;
    const target = CRYPTONOTE_TARGETS.of(port.difficulties.at(job.seq));
    return judgeHash(job, hash, meetsTarget(hash, target.bytes), target, REFUSALS);
  }
}

export const CRYPTONOTE_POOL: PoolDialect = {
  name: 'cryptonote',
  opensWith: ({ method, named }) => method === 'login' && named !== undefined,
  speak: (port) => new CryptoNotePool(port),
};
