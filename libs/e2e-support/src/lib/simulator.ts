import { MINER_SIM_MAIN, Program, jsonLine } from './program';

/** How long miners may take for their shares: they truly hash, which takes what the machine has to give. */
const HASHING_MS = 45_000;

/** The share part of a simulator's summary; pool and miners use the same names. */
export interface ShareTally {
  readonly submits: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly rejected_by: Readonly<Record<string, number>>;
  readonly unknown: number;
  readonly unanswered: number;
  readonly accepted_difficulty: number;
  readonly accepted_hashes: number;
  /** Accepted shares by difficulty. */
  readonly accepted_at: Readonly<Record<string, number>>;
}

export interface SimulatorTally extends ShareTally {
  readonly connections: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly open_connections: number;
  readonly jobs: number;
  readonly server_requests: number;
  readonly by_worker: Readonly<Record<string, ShareTally>>;
  readonly by_connection: readonly ConnectionTally[];
}

export interface ConnectionTally {
  readonly workers: readonly string[];
  readonly submits: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
}

/** `{ fast: true, shares: 5 }` as a command line. */
export type SimulatorOptions = Readonly<Record<string, string | number | boolean>>;

/** The simulator as a process of its own: told by lines of JSON, answering by lines of JSON. */
class Simulator {
  private linesRead = 0;

  constructor(readonly program: Program) {}

  /** Carries out one command; resolves with what it answers. */
  async command(cmd: string, args: object = {}): Promise<Readonly<Record<string, unknown>>> {
    this.linesRead = this.program.printedLines.length;
    this.program.write(JSON.stringify({ cmd, ...args }));
    const answered = (line: string) => {
      const entry = jsonLine(line);
      if (entry?.event === 'error') throw new Error(line);
      return entry?.event === 'done' && entry.cmd === cmd ? entry : undefined;
    };
    return this.program.line(`${cmd} is done`, answered, this.linesRead);
  }

  async tally(): Promise<SimulatorTally> {
    return (await this.command('tally')) as unknown as SimulatorTally;
  }

  /** What it says at its own end. */
  async summary(): Promise<SimulatorTally> {
    const isSummary = (line: string) => {
      const entry = jsonLine(line);
      return entry?.event === 'summary' ? entry : undefined;
    };
    const summary = await this.program.line('its summary', isSummary, 0, HASHING_MS);
    expect(await this.program.ended()).toEqual({ code: 0, signal: null });
    return summary as unknown as SimulatorTally;
  }

  async stop(): Promise<SimulatorTally> {
    this.program.write('{"cmd":"stop"}');
    return this.summary();
  }

  async kill(): Promise<void> {
    await this.program.kill();
  }
}

/** The simulated pool, which checks every share and keeps a tally of its own. */
export class SimulatedPool extends Simulator {
  private constructor(
    program: Program,
    readonly port: number,
  ) {
    super(program);
  }

  /** New jobs come on command only. */
  static async start(options: SimulatorOptions = {}): Promise<SimulatedPool> {
    const given = {
      'progress-ms': 0,
      'job-interval-ms': 0,
      'by-worker': true,
      'by-connection': true,
      ...options,
    };
    const program = Program.start(MINER_SIM_MAIN, ['pool', ...argumentsOf(given)]);
    const port = await program.line('it listens', (line) => {
      const entry = jsonLine(line);
      return entry?.event === 'listening' ? (entry.port as number) : undefined;
    });
    return new SimulatedPool(program, port);
  }
}

/** Simulated miners, which truly hash. They end by themselves when `shares` or `duration` is set. */
export class SimulatedMiners extends Simulator {
  static start(port: number, options: SimulatorOptions = {}): SimulatedMiners {
    const given = { port, 'progress-ms': 0, 'by-worker': true, ...options };
    return new SimulatedMiners(Program.start(MINER_SIM_MAIN, ['mine', ...argumentsOf(given)]));
  }
}

function argumentsOf(options: SimulatorOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}`, String(value)];
  });
}
