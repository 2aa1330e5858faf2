import { randomBytes, randomInt } from 'node:crypto';
import { line, type Answer, type MessageId } from '../../message';
import { codeAndMessage, outcomeOf, type Outcome } from '../../miner/outcome';
import { Workbench, type SubmitWriter } from '../../miner/workbench';
import { EthashSearch, NonceRange, type EthashShare } from '../ethash/ethash-search';
import type { MinerDialect, MinerPort, MinerSpeech } from '../miner-dialect';
import { readBoundary } from './ethproxy-target';

const NEVER_ISSUED_JOB = 'f'.repeat(64);
const PREFIX_BYTES = 2;
/** randomInt takes no larger range. */
const FIRST_POSITIONS = 2 ** 48 - 1;

/** An ethminer of the getwork-over-TCP kind: it is told targets, and names its jobs by their header. */
class EthProxyMiner implements MinerSpeech, SubmitWriter<EthashShare> {
  readonly dialect = 'ethproxy';
  readonly bench = new Workbench<EthashShare>(this);
  /**
   * The pool hands out no extranonce, so miners begin anywhere; truly at random and not by the seed, because
   * two fleets of one seed would find the same shares.
   */
  private readonly nonces = new NonceRange(randomBytes(PREFIX_BYTES), randomInt(FIRST_POSITIONS));
  private height: unknown;
  private toldHashrate = false;

  constructor(private readonly port: MinerPort) {}

  begin(): void {
    for (const name of this.port.names) this.logIn(name);
    this.ask('eth_getWork', [], {}, (answer) => {
      if (!this.takeJob(answer.result)) this.port.malformed();
    });
  }

  told(): void {
    return;
  }

  /** Jobs are pushed as answers that nobody asked for. */
  overheard({ result }: Answer): boolean {
    return this.takeJob(result);
  }

  outcomeOf(answer: Answer): Outcome {
    const why = codeAndMessage(answer.error ?? answer.data);
    return why === undefined ? outcomeOf(answer) : { kind: 'rejected', text: why };
  }

  strangerTo(worker: string): string {
    return `${worker}-unknown`;
  }

  submit(id: MessageId, { jobId, nonce, mix }: EthashShare, worker: string, stranger: boolean): string {
    const { rig } = split(stranger ? this.strangerTo(worker) : worker);
    const params = [`0x${this.nonces.prefix.toString('hex')}${nonce}`, `0x${jobId}`, `0x${mix}`];
    return line({ id, jsonrpc: '2.0', method: 'eth_submitWork', params, worker: rig });
  }

  private logIn(name: string): void {
    const { account, rig } = split(name);
    this.ask('eth_submitLogin', [account, 'x'], { worker: rig }, ({ result, error }) => {
      if (result === true && (error === null || error === undefined)) this.port.letIn(name);
      else this.port.turnedAway();
    });
  }

  private takeJob(result: unknown): boolean {
    if (!Array.isArray(result)) return false;
    const [header, , boundary, height] = result as unknown[];
    const headerHex = typeof header === 'string' ? /^0x([0-9a-f]{64})$/i.exec(header)?.[1] : undefined;
    const target = readBoundary(boundary);
    if (headerHex === undefined || target === undefined) return false;
    this.port.jobRead(headerHex);
    const search = new EthashSearch({
      jobId: headerHex,
      header: Buffer.from(headerHex, 'hex'),
      target,
      nonces: this.nonces,
      neverIssuedJobId: NEVER_ISSUED_JOB,
    });
    this.bench.take(search, target, height !== this.height);
    this.height = height;
    if (!this.toldHashrate) this.tellHashrate();
    return true;
  }

  /** As ethminer does: a request with an answer that is no share. */
  private tellHashrate(): void {
    this.toldHashrate = true;
    const params = [`0x${'0'.repeat(60)}ffff`, `0x${'5a'.repeat(32)}`];
    this.ask('eth_submitHashrate', params, {}, () => undefined);
  }

  private ask(
    method: string,
    params: readonly unknown[],
    beside: { readonly worker?: string },
    answered: (answer: Answer) => void,
  ): void {
    this.port.ask((id) => line({ id, jsonrpc: '2.0', method, params, ...beside }), answered);
  }
}

/** The account logs in, the rig is named beside it. */
function split(worker: string): { account: string; rig: string } {
  const [account = '', ...rig] = worker.split('.');
  return { account, rig: rig.join('.') };
}

export const ETHPROXY_MINER: MinerDialect = {
  name: 'ethproxy',
  speak: (port) => new EthProxyMiner(port),
};
