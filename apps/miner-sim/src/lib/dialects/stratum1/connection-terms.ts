import { hex32 } from '../../bitcoin/header';
import { answer, type Request } from '../../message';
import type { DifficultyHistory } from '../../pool/difficulty-history';
import { EXTRANONCE1_BYTES } from '../../pool/job-factory';

const EXTENSIONS = new Set(['version-rolling', 'minimum-difficulty', 'subscribe-extranonce', 'info']);

export interface TermsOptions {
  readonly extranonce2Bytes: number;
  readonly versionMask: number;
}

/** What pool and miner have agreed on for one connection. */
export class ConnectionTerms {
  readonly extranonce2Bytes: number;
  /** undefined before the miner has subscribed. */
  extranonce1: Buffer | undefined;
  /** Bits the miner may roll; none before it has asked. */
  versionMask = 0;

  constructor(
    private readonly connectionId: number,
    private readonly options: TermsOptions,
    readonly difficulties: DifficultyHistory,
  ) {
    this.extranonce2Bytes = options.extranonce2Bytes;
  }

  /** BIP 310: each extension is answered for itself, unknown ones with false. */
  configure({ id, params }: Request): string {
    const [extensions, values] = params;
    const wishes = new Map(Object.entries(typeof values === 'object' && values !== null ? values : {}));
    const result: Record<string, unknown> = {};
    for (const extension of Array.isArray(extensions) ? extensions.map(String) : []) {
      result[extension] = EXTENSIONS.has(extension);
    }
    if (result['version-rolling'] === true) {
      result['version-rolling.mask'] = this.rollVersion(wishes.get('version-rolling.mask'));
    }
    const minimum: unknown = wishes.get('minimum-difficulty.value');
    if (result['minimum-difficulty'] === true && typeof minimum === 'number') {
      this.difficulties.announce(Math.max(minimum, this.difficulties.current));
    }
    return answer(id, result);
  }

  subscribe({ id }: Request): string {
    if (this.extranonce1 === undefined) {
      this.extranonce1 = Buffer.alloc(EXTRANONCE1_BYTES);
      this.extranonce1.writeUInt32BE(this.connectionId);
    }
    const session = this.extranonce1.toString('hex');
    const subscriptions = [
      ['mining.set_difficulty', session],
      ['mining.notify', session],
    ];
    return answer(id, [subscriptions, session, this.extranonce2Bytes]);
  }

  /** The mask agreed on is what both sides allow. */
  private rollVersion(wished: unknown): string {
    const mask = typeof wished === 'string' ? Number.parseInt(wished, 16) : 0xffffffff;
    this.versionMask = (this.options.versionMask & mask) >>> 0;
    return hex32(this.versionMask);
  }
}
