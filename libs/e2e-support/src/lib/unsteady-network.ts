import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Dice } from './dice';

/** How bytes travel, each way. */
export interface Weather {
  readonly delayMs?: number;
  /** The part of all chunks that come late, as if lost and sent again (0..1): what is behind one waits for it. */
  readonly lossRate?: number;
  readonly sentAgainAfterMs?: number;
}

const SEED = 20_241;

/**
 * A way between two programs that does what networks do. It holds what it has not delivered yet without a bound: it is for
 * loads that are small.
 */
export class UnsteadyNetwork {
  private readonly links = new Set<Link>();
  private readonly dice = new Dice(SEED);
  private bound = 0;
  private state: 'carries' | 'swallows' | 'resets' = 'carries';

  private constructor(
    private readonly farPort: number,
    private readonly weather: Weather,
    private readonly server: Server,
  ) {}

  /** Leads to `farPort`. */
  static async before(farPort: number, weather: Weather = {}): Promise<UnsteadyNetwork> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const network = new UnsteadyNetwork(farPort, weather, server);
    server.on('connection', (near) => network.connected(near));
    await network.listen(0);
    return network;
  }

  get port(): number {
    return this.bound;
  }

  /**
   * From now on swallows everything both ways, the ends of streams too: neither side hears of it. New connections are taken,
   * and nothing comes of them.
   */
  cut(): void {
    this.state = 'swallows';
    for (const link of this.links) link.cut();
  }

  /** Resets every connection, and those to come as soon as they are there. */
  reset(): void {
    this.state = 'resets';
    for (const link of this.links) link.reset();
  }

  /** Refuses new connections; those that there are stay. Returns what lets connections in again, at the same port. */
  refuse(): () => Promise<void> {
    this.server.close();
    return () => this.listen(this.bound);
  }

  close(): void {
    this.server.close();
    for (const link of this.links) link.destroy();
  }

  private async listen(port: number): Promise<void> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.bound = (this.server.address() as AddressInfo).port;
  }

  private connected(near: Socket): void {
    const link = new Link(near, this.weather, this.dice);
    this.links.add(link);
    if (this.state === 'resets') link.reset();
    else if (this.state === 'swallows') link.cut();
    else link.lead(connect({ port: this.farPort, host: '127.0.0.1', allowHalfOpen: true }));
  }
}

/** One connection: its near socket, and the far one where it leads anywhere. */
class Link {
  private readonly sockets: Socket[] = [];
  private readonly lanes: Lane[] = [];

  constructor(
    near: Socket,
    private readonly weather: Weather,
    private readonly dice: Dice,
  ) {
    this.add(near);
  }

  lead(far: Socket): void {
    const [near] = this.sockets;
    if (near === undefined) return;
    this.add(far);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.lanes.push(new Lane(from, to, this.weather, this.dice));
      // A reset travels on at once, and takes with it what is under way.
      from.on('error', () => to.resetAndDestroy());
    }
  }

  cut(): void {
    for (const lane of this.lanes) lane.stop();
    for (const socket of this.sockets)
      socket
        .removeAllListeners('error')
        .on('error', () => undefined)
        .resume();
  }

  reset(): void {
    for (const lane of this.lanes) lane.stop();
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  destroy(): void {
    for (const lane of this.lanes) lane.stop();
    for (const socket of this.sockets) socket.destroy();
  }

  private add(socket: Socket): void {
    this.sockets.push(socket.setNoDelay(true).on('error', () => socket.destroy()));
  }
}

/** One direction: chunks, and behind them the end of the stream, each at its time and none before the one ahead of it. */
class Lane {
  private readonly underWay: { readonly dueAt: number; readonly chunk: Buffer | undefined }[] = [];
  private lastDueAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    from: Socket,
    private readonly to: Socket,
    private readonly weather: Weather,
    private readonly dice: Dice,
  ) {
    from.on('data', (chunk: Buffer) => this.send(chunk)).on('end', () => this.send(undefined));
    from.resume();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /** Undefined: the end of the stream. */
  private send(chunk: Buffer | undefined): void {
    if (this.stopped) return;
    const { delayMs = 0, lossRate = 0, sentAgainAfterMs = 0 } = this.weather;
    const again = this.dice.next() < lossRate ? sentAgainAfterMs : 0;
    this.lastDueAt = Math.max(this.lastDueAt, performance.now() + delayMs + again);
    this.underWay.push({ dueAt: this.lastDueAt, chunk });
    if (this.underWay.length === 1) this.deliver();
  }

  private deliver(): void {
    for (let [next] = this.underWay; next !== undefined; [next] = this.underWay) {
      const early = next.dueAt - performance.now();
      if (early > 0) {
        this.timer = setTimeout(() => this.deliver(), early);
        return;
      }
      this.underWay.shift();
      if (next.chunk === undefined) this.to.end();
      else this.to.write(next.chunk);
    }
  }
}
