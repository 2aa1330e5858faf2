import { PROOFS_OF_WORK } from '../../bitcoin/proof-of-work';
import type { Request } from '../../message';
import type { Job } from '../../pool/job';
import { MiningMethodsPool } from '../mining-methods-pool';
import type { PoolDialect, PoolPort } from '../pool-dialect';
import type { Verdict } from '../verdict';
import { ConnectionTerms } from './connection-terms';
import { ShareCheck } from './share-check';

/** Bitcoin's Stratum with true shares: the pool rebuilds and hashes each header. */
class Stratum1Pool extends MiningMethodsPool {
  readonly dialect = 'stratum1';
  private readonly terms: ConnectionTerms;
  private readonly check: ShareCheck;

  constructor(port: PoolPort) {
    super(port);
    const { options, board, nowMs } = port.context;
    this.terms = new ConnectionTerms(port.connectionId, options, port.difficulties);
    this.check = new ShareCheck(board, nowMs, PROOFS_OF_WORK[options.algorithm]);
  }

  jobLine(job: Job, first: boolean): Buffer {
    return first ? job.firstLine : job.line;
  }

  protected get subscribed(): boolean {
    return this.terms.extranonce1 !== undefined;
  }

  protected subscribe(request: Request): string {
    return this.terms.subscribe(request);
  }

  protected override plainAnswer(request: Request): string {
    return request.method === 'mining.configure' ? this.terms.configure(request) : super.plainAnswer(request);
  }

  protected judge(params: readonly unknown[]): Verdict {
    return this.check.judge(params, this.terms, this.port.workers);
  }
}

export const STRATUM1_POOL: PoolDialect = {
  name: 'stratum1',
  opensWith: ({ method }) => method.startsWith('mining.'),
  speak: (port) => new Stratum1Pool(port),
};
