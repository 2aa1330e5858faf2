import { resolve } from 'node:path';
import { jsonLine, Program, until } from '@mining-proxy/e2e-support';

/** The kernel drops what its queue has no room for; such a connect is tried again after 1, 3 and 7 seconds. */
const LONGEST_MS = 50_000;

export interface CrowdOptions {
  readonly port: number;
  readonly count: number;
  /** How many are on their way at one time; all of them where it is not said. */
  readonly atOnce?: number;
  /** Addresses of the loopback network that they come from. */
  readonly sources?: number;
  readonly ends: 'stay' | 'fin' | 'reset' | 'mixed' | 'at_once';
}

/** What became of a crowd. Nobody is counted twice, nobody is left out. */
export interface CrowdResult {
  /** Logged in and had a share accepted. */
  readonly served: number;
  /** Reset by the other side before that. */
  readonly refused: number;
  /** Reset their own connection as soon as it was up. */
  readonly reset: number;
  /** Others, by the error's code. */
  readonly failed: Readonly<Record<string, number>>;
  readonly ms: number;
}

/** Many miners in a process of their own. */
export class Crowd {
  private constructor(private readonly program: Program) {}

  static start(options: CrowdOptions): Crowd {
    return new Crowd(Program.start(resolve(__dirname, 'crowd.mjs'), [JSON.stringify(options)]));
  }

  /** Resolves when each of them was served, refused or failed. */
  async settled(): Promise<CrowdResult> {
    const { program } = this;
    const result = await until(
      'the crowd says what became of it',
      () => {
        if (program.exit && program.printedLines.length === 0) throw new Error(program.stderr);
        return program.printedLines.map(jsonLine).find((entry) => entry?.event === 'settled');
      },
      LONGEST_MS,
    );
    return result as unknown as CrowdResult;
  }

  /** All that stayed hang up at once. */
  async leave(): Promise<void> {
    this.program.child.stdin.end();
    await this.program.ended();
  }

  async kill(): Promise<void> {
    await this.program.kill();
  }
}

/** A pool in a process of its own that lets everybody in and accepts every share. */
export class GenerousPool {
  private constructor(
    private readonly program: Program,
    readonly port: number,
  ) {}

  static async start(): Promise<GenerousPool> {
    const program = Program.start(resolve(__dirname, 'grants-all.mjs'), []);
    const port = await program.line('it listens', (line) => jsonLine(line)?.port as number | undefined);
    return new GenerousPool(program, port);
  }

  async kill(): Promise<void> {
    await this.program.kill();
  }
}
