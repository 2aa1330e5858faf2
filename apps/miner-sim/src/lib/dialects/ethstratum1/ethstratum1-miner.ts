import { AGENT } from '../../miner/agent';
import { Workbench } from '../../miner/workbench';
import { NUMBER_TARGETS } from '../../target-cache';
import { NONCE_BYTES } from '../ethash/ethash-rule';
import { EthashSearch, NonceRange, type EthashShare } from '../ethash/ethash-search';
import type { MinerDialect } from '../miner-dialect';
import { MiningMethodsMiner } from '../mining-methods-miner';

const NEVER_ISSUED_JOB = 'ffffffffff';

/** A miner of NiceHash's EthereumStratum/1.0.0. */
class EthStratum1Miner extends MiningMethodsMiner<EthashShare> {
  readonly dialect = 'ethstratum1';
  readonly bench = new Workbench<EthashShare>(this);
  protected readonly subscription = [AGENT, 'EthereumStratum/1.0.0'];
  private nonces = new NonceRange(Buffer.alloc(0));

  protected subscribed(result: unknown): boolean {
    return Array.isArray(result) && this.takeExtranonce(result[1]);
  }

  protected override beforeLogin(): void {
    this.ask('mining.extranonce.subscribe', [], () => undefined);
  }

  protected notified([jobId, , header, clean]: readonly unknown[]): boolean {
    if (typeof jobId !== 'string' || typeof header !== 'string' || !/^[0-9a-f]{64}$/i.test(header))
      return false;
    this.port.jobRead(jobId);
    const target = NUMBER_TARGETS.of(this.announcedDifficulty);
    const { nonces } = this;
    const search = new EthashSearch({
      jobId,
      header: Buffer.from(header, 'hex'),
      target,
      nonces,
      neverIssuedJobId: NEVER_ISSUED_JOB,
    });
    this.bench.take(search, target, clean === true);
    return true;
  }

  /** The job's search keeps the range that it began with: a new one counts from the next job. */
  protected toldMore(method: string, [first]: readonly unknown[]): void {
    if (method === 'mining.set_extranonce' && !this.takeExtranonce(first)) this.port.malformed();
  }

  protected shareParams({ jobId, nonce }: EthashShare): readonly unknown[] {
    return [jobId, nonce];
  }

  /** Six bytes are what a search counts through. */
  private takeExtranonce(text: unknown): boolean {
    if (typeof text !== 'string' || !/^(?:[0-9a-f]{2}){2,7}$/i.test(text)) return false;
    this.nonces = new NonceRange(Buffer.from(text, 'hex').subarray(0, NONCE_BYTES - 1));
    return true;
  }
}

export const ETHSTRATUM1_MINER: MinerDialect = {
  name: 'ethstratum1',
  speak: (port) => new EthStratum1Miner(port),
};
