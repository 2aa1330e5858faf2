import { answer, notification, refusal, type MessageId, type Request } from '../../message';
import type { Job } from '../../pool/job';
import { NUMBER_TARGETS } from '../../target-cache';
import { judgeEthash } from '../ethash/ethash-check';
import { ethashJob, NONCE_BYTES } from '../ethash/ethash-rule';
import { MiningMethodsPool } from '../mining-methods-pool';
import type { PoolDialect } from '../pool-dialect';
import { rejected, type Refusal, type Verdict } from '../verdict';

const PROTOCOL = 'EthereumStratum/1.0.0';
/** As NiceHash has it: 16 million connections, and five bytes of nonce for each. */
const EXTRANONCE_BYTES = 3;
const HEX = /^[0-9a-fA-F]*$/;

/** Texts and codes of NiceHash's server, which wrote the protocol; it says 2 to every bad share. */
const REFUSALS = {
  unsubscribed: rejected('not_subscribed', 25, 'Not subscribed'),
  unauthorized: rejected('unauthorized', 24, 'Unauthorized worker'),
  stale: rejected('stale', 2, 'Job not found'),
  low: rejected('low_difficulty', 2, 'Share above target'),
  duplicate: rejected('duplicate', 2, 'Duplicate share'),
  nonce: rejected('invalid', 20, 'Incorrect size of nonce'),
  wrongMix: rejected('invalid', 20, 'Invalid share'),
};

/** EthereumStratum/1.0.0: a difficulty as in Bitcoin, and an extranonce that begins each nonce. */
class EthStratum1Pool extends MiningMethodsPool {
  readonly dialect = 'ethstratum1';
  private extranonce: Buffer | undefined;

  jobLine(job: Job, first: boolean): string {
    const { headerHex, seedHex } = ethashJob(job);
    return notification('mining.notify', [job.id, seedHex, headerHex, first || job.clean]);
  }

  /** The protocol's document shows `false` beside each error. */
  override refusal(id: MessageId, { code, text }: Refusal): string {
    return refusal(id, code, text, false);
  }

  protected get subscribed(): boolean {
    return this.extranonce !== undefined;
  }

  protected subscribe({ id }: Request): string {
    this.extranonce ??= extranonceOf(this.port.connectionId);
    const extranonce = this.extranonce.toString('hex');
    return answer(id, [['mining.notify', extranonce.padStart(32, '0'), PROTOCOL], extranonce]);
  }

  protected judge(params: readonly unknown[]): Verdict {
    const { port, extranonce } = this;
    if (extranonce === undefined) return REFUSALS.unsubscribed;
    const [worker, jobId, nonce] = params;
    if (typeof worker !== 'string' || !port.workers.has(worker)) return REFUSALS.unauthorized;
    const job = typeof jobId === 'string' ? port.context.board.find(jobId) : 'unknown';
    if (job === 'unknown' || job === 'stale') return REFUSALS.stale;
    const digits = 2 * (NONCE_BYTES - EXTRANONCE_BYTES);
    if (typeof nonce !== 'string' || nonce.length !== digits || !HEX.test(nonce)) return REFUSALS.nonce;
    const target = NUMBER_TARGETS.of(port.difficulties.at(job.seq));
    const whole = Buffer.concat([extranonce, Buffer.from(nonce, 'hex')]);
    return judgeEthash({ job, nonce: whole }, target, REFUSALS);
  }
}

function extranonceOf(connectionId: number): Buffer {
  const bytes = Buffer.alloc(EXTRANONCE_BYTES);
  bytes.writeUIntBE(connectionId % 256 ** EXTRANONCE_BYTES, 0, EXTRANONCE_BYTES);
  return bytes;
}

export const ETHSTRATUM1_POOL: PoolDialect = {
  name: 'ethstratum1',
  opensWith: ({ method, params }) =>
    method === 'mining.subscribe' &&
    typeof params[1] === 'string' &&
    params[1].startsWith('EthereumStratum/1'),
  speak: (port) => new EthStratum1Pool(port),
};
