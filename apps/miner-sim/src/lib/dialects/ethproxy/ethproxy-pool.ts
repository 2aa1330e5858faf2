import { line, type MessageId, type Request } from '../../message';
import type { Job } from '../../pool/job';
import { judgeEthash } from '../ethash/ethash-check';
import { ethashJob, jobIdOfHeader } from '../ethash/ethash-rule';
import type { PoolDialect, PoolPort, PoolSpeech } from '../pool-dialect';
import { rejected, type Refusal, type Verdict } from '../verdict';
import { BOUNDARIES } from './ethproxy-target';

const NONCE = /^0x[0-9a-fA-F]{16}$/;
const HASH = /^0x[0-9a-fA-F]{64}$/;

/** btcpool says no in `data` beside `result: false`; the others have an error object. */
interface EthProxyRefusal extends Refusal {
  readonly inData?: boolean;
}

/** open-ethereum-pool proxy/handlers.go, btcpool Stratum.cc, and nanopool's answer to old work. */
const REFUSALS = {
  loggedOut: rejected('not_subscribed', 25, 'Not subscribed'),
  login: rejected('unauthorized', -1, 'Invalid login'),
  method: rejected('invalid', -3, 'Method not found'),
  unauthorized: { ...rejected('unauthorized', 24, 'Unauthorized worker'), inData: true },
  malformed: rejected('invalid', -1, 'Malformed PoW result'),
  stale: rejected('stale', -32700, 'Work not found'),
  unknown: { ...rejected('stale', 36, 'Job not found'), inData: true },
  wrongMix: rejected('invalid', 23, 'Invalid share'),
  low: { ...rejected('low_difficulty', 23, 'Low difficulty'), inData: true },
  duplicate: rejected('duplicate', 22, 'Duplicate share'),
} satisfies Record<string, EthProxyRefusal>;

/** Getwork over TCP: the job carries the boundary and is known by its header hash. */
class EthProxyPool implements PoolSpeech {
  readonly dialect = 'ethproxy';
  /** What the last login gave for an account. */
  private login = '';
  private lastWorker = '';

  constructor(private readonly port: PoolPort) {}

  handle(request: Request): void {
    const { port } = this;
    switch (request.method) {
      case 'eth_submitWork':
        this.submit(request);
        return;
      case 'eth_submitLogin':
      case 'eth_login':
        this.enter(request);
        return;
      case 'eth_getWork':
        this.giveWork(request.id);
        return;
      case 'eth_submitHashrate':
        port.say(this.answer(request.id, true));
        return;
      default:
        port.say(this.refusal(request.id, REFUSALS.method));
    }
  }

  /** Pushed with the id 0, which no request of a miner has. */
  jobLine(job: Job): string {
    return this.answer(0, this.work(job));
  }

  difficultyLine(): undefined {
    return undefined;
  }

  answer(id: MessageId, result: unknown): string {
    return line({ id, jsonrpc: '2.0', result });
  }

  acceptance(id: MessageId): string {
    return this.answer(id, true);
  }

  refusal(id: MessageId, { code, text, inData }: EthProxyRefusal): string {
    const why = { code, message: text };
    if (inData === true) return line({ id, jsonrpc: '2.0', result: false, data: why });
    return line({ id, jsonrpc: '2.0', result: null, error: why });
  }

  private work(job: Job): string[] {
    const { headerHex, seedHex } = ethashJob(job);
    const boundary = BOUNDARIES.of(this.port.difficulties.current).bytes.toString('hex');
    return [`0x${headerHex}`, `0x${seedHex}`, `0x${boundary}`, `0x${job.height.toString(16)}`];
  }

  private enter({ id, params, worker }: Request): void {
    const { port } = this;
    const [login] = params;
    const name = typeof login === 'string' && login !== '' ? fullName(login, worker) : undefined;
    if (typeof login !== 'string' || !port.admit(name)) {
      port.turnAway(this.refusal(id, REFUSALS.login));
      return;
    }
    this.login = login;
    this.lastWorker = name;
    port.welcome(this.answer(id, true));
  }

  private giveWork(id: MessageId): void {
    const { port } = this;
    if (port.workers.size === 0) port.say(this.refusal(id, REFUSALS.loggedOut));
    else port.announce(port.context.board.current, this.answer(id, this.work(port.context.board.current)));
  }

  private submit({ id, params, worker }: Request): void {
    const named = typeof worker === 'string' && worker !== '';
    const who = named ? fullName(this.login, worker) : this.lastWorker;
    this.port.settle({ id, worker: who, verdict: this.judge(params, who) });
  }

  private judge(params: readonly unknown[], worker: string): Verdict {
    const { port } = this;
    if (port.workers.size === 0) return REFUSALS.loggedOut;
    if (!port.workers.has(worker)) return REFUSALS.unauthorized;
    const [nonce, header, mix] = params;
    if (!fits(nonce, NONCE) || !fits(header, HASH) || !fits(mix, HASH)) return REFUSALS.malformed;
    const headerHex = header.slice(2).toLowerCase();
    const job = port.context.board.find(jobIdOfHeader(headerHex));
    if (job === 'stale') return REFUSALS.stale;
    if (job === 'unknown' || ethashJob(job).headerHex !== headerHex) return REFUSALS.unknown;
    const target = BOUNDARIES.of(port.difficulties.at(job.seq));
    const claim = { job, nonce: Buffer.from(nonce.slice(2), 'hex'), mixHex: mix.slice(2).toLowerCase() };
    return judgeEthash(claim, target, REFUSALS);
  }
}

/** The rig stands beside the params, as ethminer writes it; btcpool puts the two together so. */
function fullName(login: string, worker: unknown): string {
  return typeof worker === 'string' && worker !== '' ? `${login}.${worker}` : login;
}

function fits(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

export const ETHPROXY_POOL: PoolDialect = {
  name: 'ethproxy',
  opensWith: ({ method }) => method.startsWith('eth_'),
  speak: (port) => new EthProxyPool(port),
};
