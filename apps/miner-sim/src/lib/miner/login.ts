import type { Answer } from '../message';
import type { MinerContext } from './miner-context';
import type { Workbench } from './workbench';

type Ask = (method: string, params: readonly unknown[], answered: (answer: Answer) => void) => void;

const AGENT = 'miner-sim/1.0';

/** The requests that a connection begins with, in the order of most devices. */
export class Login {
  /** Workers that the pool has let in. */
  readonly workers: string[] = [];

  constructor(
    private readonly names: readonly string[],
    private readonly bench: Workbench,
    private readonly context: MinerContext,
    private readonly ask: Ask,
  ) {}

  start(): void {
    if (this.context.options.versionRolling) {
      const wishes = { 'version-rolling.mask': 'ffffffff', 'version-rolling.min-bit-count': 2 };
      this.ask('mining.configure', [['version-rolling'], wishes], ({ result }) => this.configured(result));
    }
    this.ask('mining.subscribe', [AGENT], ({ result }) => this.subscribed(result));
  }

  private configured(result: unknown): void {
    if (typeof result !== 'object' || result === null) return;
    const mask = Number.parseInt(String((result as Record<string, unknown>)['version-rolling.mask']), 16);
    if (mask > 0) this.bench.versionMask = mask;
  }

  private subscribed(result: unknown): void {
    const { options, tally } = this.context;
    if (!Array.isArray(result) || typeof result[1] !== 'string' || typeof result[2] !== 'number') {
      tally.malformed += 1;
      return;
    }
    this.bench.extranonce1 = Buffer.from(result[1], 'hex');
    this.bench.extranonce2Bytes = result[2];
    for (const name of this.names) this.authorize(name);
    const { suggestDifficulty } = options;
    if (suggestDifficulty !== undefined) {
      this.ask('mining.suggest_difficulty', [suggestDifficulty], () => undefined);
    }
  }

  private authorize(name: string): void {
    const { tally } = this.context;
    this.ask('mining.authorize', [name, 'x'], ({ result, error }) => {
      if (result === false || (error !== null && error !== undefined)) tally.refusedAuthorizations += 1;
      else {
        tally.authorized += 1;
        this.workers.push(name);
      }
    });
  }
}
