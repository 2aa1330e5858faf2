import type { MinerDialect } from '../dialects/miner-dialect';
import { Link } from '../net/link';
import type { MinerContext } from './miner-context';
import { MinerSession } from './miner-session';

const MAX_LINE_BYTES = 4 * 2 ** 20;

export interface MinerIdentity {
  readonly index: number;
  /** The names that log in on its connection. */
  readonly workers: readonly string[];
  readonly dialect: MinerDialect;
  readonly misbehaves: boolean;
}

/** One mining device: it connects, mines, and connects again when it is told to. */
export class Miner {
  private session: MinerSession | undefined;

  constructor(
    private readonly identity: MinerIdentity,
    private readonly context: MinerContext,
  ) {}

  /** Opens a connection; `closed` of the context follows in any case. */
  connect(): void {
    const { options, random, dial } = this.context;
    const { localAddresses, connectionFaults } = options;
    const { index, misbehaves } = this.identity;
    const { socket, whenOpen } = dial(localAddresses[index % localAddresses.length]);
    const session = new MinerSession(
      this.identity,
      this.context,
      (handler) =>
        new Link(
          socket,
          {
            chunking: options.chunking,
            maxLineBytes: MAX_LINE_BYTES,
            slowReadBytesPerSecond: misbehaves ? connectionFaults.slowReadBytesPerSecond : undefined,
            random,
          },
          handler,
        ),
      (wasOpen) => {
        this.session = undefined;
        this.context.closed(this, wasOpen);
      },
    );
    this.session = session;
    session.link.start();
    socket.once(whenOpen, () => session.opened());
  }

  get isOpen(): boolean {
    return this.session !== undefined;
  }

  /** The connection's bytes so far; they are the tally's when it is over. */
  get openLink(): Link | undefined {
    return this.session?.link;
  }

  get unanswered(): number {
    return this.session?.unanswered ?? 0;
  }

  /** True when a share could be sent now. */
  get ready(): boolean {
    return this.session?.ready ?? false;
  }

  /** True when a share could be sent in the name of each of its workers that the pool lets in. */
  get settledIn(): boolean {
    return this.session?.settledIn ?? false;
  }

  /** Mines with so many hashes, whatever shares they give. */
  spend(hashes: number): void {
    const session = this.session;
    if (session === undefined) return;
    const end = session.hashes + hashes;
    while (session.ready && session.hashes < end) session.mine(end - session.hashes);
  }

  /** Hashes at most so often; true when a share, right or wrong on request, was submitted. */
  mine(maxHashes: number): boolean {
    return this.session?.mine(maxHashes) ?? false;
  }

  /** No new submits; answers are still taken. */
  rest(): void {
    this.session?.rest();
  }

  leave(how: 'fin' | 'rst'): void {
    this.session?.leave(how);
  }

  /** Ends at once, whatever is left. */
  destroy(): void {
    this.session?.link.destroy();
  }
}
