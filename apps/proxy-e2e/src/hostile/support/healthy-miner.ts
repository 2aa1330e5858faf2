import { connectMiner, logIn, type RawPeer, submit, until } from '@mining-proxy/e2e-support';

const SHARE_EVERY_MS = 5;
const FIRST_SHARE = 1_000;

/** How a miner fared: times from a share to its answer, in milliseconds. */
export interface Fared {
  readonly shares: number;
  readonly lost: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * A miner that does nothing but mine while others misbehave: a share every 5 ms, each with an id of its own, whose
 * answer is waited for however long it takes.
 */
export class HealthyMiner {
  private readonly sentAt = new Map<number, number>();
  private latencies: number[] = [];
  private nextId = FIRST_SHARE;
  private readonly timer: NodeJS.Timeout;

  private constructor(
    readonly peer: RawPeer,
    private readonly worker: string,
  ) {
    peer.forget();
    let unfinished = '';
    peer.socket.on('data', (chunk: Buffer) => {
      const lines = (unfinished + chunk.toString()).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) this.heard(line);
    });
    this.timer = setInterval(() => this.mine(), SHARE_EVERY_MS);
  }

  static async start(port: number, worker = 'healthy.rig1'): Promise<HealthyMiner> {
    const peer = await connectMiner(port);
    await logIn(peer, worker);
    return new HealthyMiner(peer, worker);
  }

  /** How it fared since the last report, once at least `shares` were answered. */
  async report(shares = 100): Promise<Fared> {
    await until(`${shares} answers to the healthy miner`, () => this.latencies.length >= shares);
    const sorted = this.latencies.splice(0).sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
    return { shares: sorted.length, lost: 0, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
  }

  /** Stops mining and waits for what is still open: what never comes is lost. */
  async stop(): Promise<Fared> {
    clearInterval(this.timer);
    await until('the last answers to the healthy miner', () => this.sentAt.size === 0).catch(() => undefined);
    const lost = this.sentAt.size;
    const fared = { ...(await this.report(0)), lost };
    this.peer.destroy();
    return fared;
  }

  private mine(): void {
    this.sentAt.set(this.nextId, performance.now());
    this.peer.say(submit(this.nextId, this.worker));
    this.nextId += 1;
  }

  private heard(line: string): void {
    const { id, result } = JSON.parse(line) as { id: number | null; result?: unknown };
    const sentAt = id === null ? undefined : this.sentAt.get(id);
    if (sentAt === undefined || id === null || result !== true) return;
    this.sentAt.delete(id);
    this.latencies.push(performance.now() - sentAt);
  }
}
