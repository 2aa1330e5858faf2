import { DIALECT_NAMES, type DialectName } from '../dialects/dialect-name';
import { minerDialect } from '../dialects/miner-dialects';
import { WorkReader } from '../dialects/stratum1/work';
import { dialer } from '../net/dial';
import { seededRandom } from '../random';
import { FaultPlan } from './fault-plan';
import { FleetTally, type FleetSummary } from './fleet-tally';
import { Miner } from './miner';
import type { MinerContext } from './miner-context';
import type { FleetOptions } from './miner-options';
import { MiningFloor } from './mining-floor';

const CONNECT_TICK_MS = 10;
/** How long the pool's FIN is waited for after ours. */
const CLOSE_GRACE_MS = 2000;

/** Many miners in one process, with one tally. */
export class Fleet {
  private readonly tally = new FleetTally();
  private readonly miners: Miner[];
  private readonly faults: FaultPlan;
  private readonly floor: MiningFloor;
  private readonly timers = new Set<NodeJS.Timeout>();
  private stopping = false;
  private allStarted = false;
  private finish: () => void = () => undefined;
  private readonly finished = new Promise<void>((resolve) => (this.finish = resolve));

  constructor(private readonly options: FleetOptions) {
    const random = seededRandom(options.seed);
    this.faults = new FaultPlan(options.shareFaults, random);
    const context: MinerContext = {
      options,
      tally: this.tally,
      works: new WorkReader(),
      faults: this.faults,
      random,
      dial: dialer(options),
      closed: (miner, wasOpen) => this.closed(miner, wasOpen),
    };
    const misbehaving = options.connectionFaults.miners ?? Infinity;
    this.miners = connectionsOf(options).map(
      (workers, index) =>
        new Miner(
          {
            index,
            workers,
            dialect: minerDialect(dialectOf(options, index)),
            misbehaves: index < misbehaving,
          },
          context,
        ),
    );
    this.floor = new MiningFloor(this.miners, options, this.tally, () => this.finish());
  }

  /** Connects, mines until told or until a limit is reached, settles, and closes every connection. */
  async run(): Promise<FleetSummary> {
    this.connectAll();
    this.floor.open();
    if (this.options.durationMs !== undefined) this.after(this.options.durationMs, () => this.finish());
    const { reconnectEveryMs } = this.options.connectionFaults;
    if (reconnectEveryMs !== undefined) this.storm(reconnectEveryMs);
    await this.finished;
    await this.close();
    return this.summary();
  }

  /** Ends `run` early; the shares under way still settle. */
  stop(): void {
    this.finish();
  }

  /** Shares are held back until resumed; connections stay. */
  setPaused(paused: boolean): void {
    this.floor.setPaused(paused);
  }

  /** Where the miners connect. */
  get target(): { readonly host: string; readonly port: number } {
    return this.options;
  }

  /** Every miner has tried, and none has ever been connected. */
  get nobodyAnswers(): boolean {
    const { connections, connectFailures } = this.tally;
    return connections === 0 && connectFailures >= this.miners.length;
  }

  summary(): FleetSummary {
    const open = this.miners.flatMap((miner) => miner.openLink ?? []);
    const summary = this.tally.summary(this.miners.length, open, this.options.byWorker);
    return { ...summary, faults: this.faults.summary() };
  }

  private connectAll(): void {
    const { connectRate } = this.options;
    const startedAt = performance.now();
    let next = 0;
    const connectSome = () => {
      if (this.stopping) return;
      const due = connectRate === undefined ? this.miners.length : dueBy(connectRate, startedAt);
      for (const miner of this.miners.slice(next, due)) miner.connect();
      next = due;
      this.allStarted = next >= this.miners.length;
      if (!this.allStarted) this.after(CONNECT_TICK_MS, connectSome);
    };
    connectSome();
  }

  private storm(everyMs: number): void {
    const { miners, reconnectHow } = this.options.connectionFaults;
    this.after(everyMs, () => {
      for (const miner of this.miners.slice(0, miners)) miner.leave(reconnectHow);
      this.storm(everyMs);
    });
  }

  private closed(miner: Miner, wasOpen: boolean): void {
    const { reconnectDelayMs, connectionFaults } = this.options;
    if (this.stopping) return;
    if (this.allStarted && this.nobodyAnswers && !this.options.waitsForPort) {
      this.finish();
      return;
    }
    const stormy = connectionFaults.reconnectEveryMs !== undefined && wasOpen;
    if (stormy) this.after(0, () => miner.connect());
    else if (reconnectDelayMs !== undefined) this.after(reconnectDelayMs, () => miner.connect());
    else if (this.allStarted && !this.miners.some((other) => other.isOpen)) this.finish();
  }

  private async close(): Promise<void> {
    this.stopping = true;
    this.floor.close();
    for (const timer of this.timers) clearTimeout(timer);
    for (const miner of this.miners) miner.rest();
    await this.until(() => this.miners.every((miner) => miner.unanswered === 0), this.options.settleMs);
    for (const miner of this.miners) miner.leave('fin');
    await this.until(() => !this.miners.some((miner) => miner.isOpen), CLOSE_GRACE_MS);
    for (const miner of this.miners) miner.destroy();
    await this.until(() => !this.miners.some((miner) => miner.isOpen), CLOSE_GRACE_MS);
  }

  /** Looks now and then, because thousands of miners would report each answer for nothing. */
  private until(condition: () => boolean, limitMs: number): Promise<void> {
    const deadline = performance.now() + limitMs;
    return new Promise((resolve) => {
      const look = () => {
        if (condition() || performance.now() >= deadline) resolve();
        else setTimeout(look, CONNECT_TICK_MS);
      };
      look();
    });
  }

  private after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, ms);
    this.timers.add(timer);
  }
}

function dueBy(perSecond: number, startedAt: number): number {
  return 1 + Math.floor(((performance.now() - startedAt) * perSecond) / 1000);
}

function dialectOf({ dialect }: FleetOptions, index: number): DialectName {
  if (dialect !== 'mixed') return dialect;
  return DIALECT_NAMES[index % DIALECT_NAMES.length] ?? DIALECT_NAMES[0];
}

/** The worker names of each connection: `account.rig`, several when one connection stands for a farm. */
function connectionsOf(options: FleetOptions): string[][] {
  const connections: string[][] = [];
  for (let account = 1; account <= options.accounts; account += 1) {
    for (let rig = 1; rig <= options.rigsPerAccount; rig += 1) {
      const name = `${options.accountPrefix}${account}.rig${rig}`;
      connections.push(
        options.workersPerConnection === 1
          ? [name]
          : Array.from({ length: options.workersPerConnection }, (_, n) => `${name}w${n + 1}`),
      );
    }
  }
  return connections;
}
