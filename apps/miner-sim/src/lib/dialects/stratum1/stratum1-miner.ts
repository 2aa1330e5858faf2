import { PROOFS_OF_WORK } from '../../bitcoin/proof-of-work';
import { AGENT } from '../../miner/agent';
import { Workbench } from '../../miner/workbench';
import type { MinerDialect } from '../miner-dialect';
import { MiningMethodsMiner } from '../mining-methods-miner';
import { ShareSearch, type Share } from './share-search';
import { readWork, type Work } from './work';

/** A Bitcoin device: real headers, with version rolling when asked to. */
class Stratum1Miner extends MiningMethodsMiner<Share> {
  readonly dialect = 'stratum1';
  readonly bench = new Workbench<Share, ShareSearch>(this);
  protected readonly subscription = [AGENT];
  private extranonce1 = Buffer.alloc(0);
  private extranonce2Bytes = 4;
  private versionMask = 0;

  override begin(): void {
    if (this.context.options.versionRolling) {
      const wishes = { 'version-rolling.mask': 'ffffffff', 'version-rolling.min-bit-count': 2 };
      this.ask('mining.configure', [['version-rolling'], wishes], ({ result }) => this.configured(result));
    }
    super.begin();
  }

  recall(bytes: Buffer, start: number, end: number): boolean {
    const known = this.context.works.known(bytes, start, end);
    if (known !== undefined) this.take(known);
    return known !== undefined;
  }

  protected subscribed(result: unknown): boolean {
    if (!Array.isArray(result) || typeof result[1] !== 'string' || typeof result[2] !== 'number') {
      return false;
    }
    this.extranonce1 = Buffer.from(result[1], 'hex');
    this.extranonce2Bytes = result[2];
    return true;
  }

  protected notified(params: readonly unknown[], line: Buffer): boolean {
    const work = readWork(params);
    if (work === undefined) return false;
    this.context.works.remember(Buffer.from(line), work);
    this.take(work);
    return true;
  }

  protected toldMore(method: string, [first, second]: readonly unknown[]): void {
    if (method === 'mining.set_extranonce') {
      this.extranonce1 = Buffer.from(String(first), 'hex');
      if (typeof second === 'number') this.extranonce2Bytes = second;
    } else if (method === 'mining.set_version_mask') {
      this.versionMask = Number.parseInt(String(first), 16);
    }
  }

  protected shareParams({ jobId, extranonce2, ntime, nonce, versionBits }: Share): readonly unknown[] {
    const params = [jobId, extranonce2, ntime, nonce];
    return versionBits === undefined ? params : [...params, versionBits];
  }

  private configured(result: unknown): void {
    if (typeof result !== 'object' || result === null) return;
    const mask = Number.parseInt(String((result as Record<string, unknown>)['version-rolling.mask']), 16);
    if (mask > 0) this.versionMask = mask;
  }

  /** Stratum V1: a new difficulty or extranonce counts from the next job, not at once. */
  private take(work: Work): void {
    this.port.jobRead(work.jobId);
    const proof = PROOFS_OF_WORK[this.context.options.algorithm];
    const target = proof.targets.of(this.announcedDifficulty);
    const space = {
      work,
      proof,
      target: target.bytes,
      extranonce1: this.extranonce1,
      extranonce2Bytes: this.extranonce2Bytes,
      versionMask: this.versionMask,
    };
    // A job that is sent once more goes on where it was, or its shares would be duplicates.
    const again = this.bench.searchOf(work.jobId);
    this.bench.take(new ShareSearch(space, again?.nextExtranonce2 ?? 0), target, work.clean);
  }
}

export const STRATUM1_MINER: MinerDialect = {
  name: 'stratum1',
  speak: (port) => new Stratum1Miner(port),
};
