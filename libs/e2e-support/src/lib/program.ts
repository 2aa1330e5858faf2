import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { resolve } from 'node:path';
import { until, within } from './wait';

const ROOT = resolve(__dirname, '../../../..');

/** The built programs. The variables name other builds, for one a copy that was broken to see a test fail. */
export const PROXY_MAIN = process.env.PROXY_MAIN ?? resolve(ROOT, 'dist/apps/proxy/main.js');
export const MINER_SIM_MAIN = process.env.MINER_SIM_MAIN ?? resolve(ROOT, 'dist/apps/miner-sim/main.js');

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A Node program as a child process: what it printed, what it is told, how it ended. */
export class Program {
  readonly exited: Promise<ProgramExit>;
  stdout = '';
  stderr = '';
  exit: ProgramExit | undefined;
  private readonly lines: string[] = [];
  private unfinished = '';

  private constructor(
    readonly name: string,
    readonly child: ChildProcessWithoutNullStreams,
  ) {
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.printed(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    // A program that ends while it is written to: its exit says so.
    child.stdin.on('error', () => undefined);
    this.exited = new Promise((resolveExit) => {
      child.once('close', (code, signal) => resolveExit((this.exit = { code, signal })));
    });
  }

  /** Starts `node main ...args` with nothing of this process' environment but what Node needs. */
  static start(main: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
    const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env } });
    return new Program([main, ...args].join(' '), child);
  }

  /** The same with sockets handed over as systemd does it: from descriptor 3 on, meant for this very process. */
  static startWith(
    sockets: readonly { readonly name: string; readonly fd: number }[],
    main: string,
    env: Readonly<Record<string, string>>,
  ): Program {
    const told = {
      LISTEN_FDS: String(sockets.length),
      LISTEN_FDNAMES: sockets.map(({ name }) => name).join(':'),
    };
    const child = spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ exec "$0" "$1"', process.execPath, main], {
      stdio: ['pipe', 'pipe', 'pipe', ...sockets.map(({ fd }) => fd)],
      env: { PATH: process.env.PATH, ...told, ...env },
    });
    return new Program(main, child as ChildProcessWithoutNullStreams);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Complete lines of standard output so far. */
  get printedLines(): readonly string[] {
    return this.lines;
  }

  write(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The first thing that `pick` finds in the printed lines, from line `from` on; rejects if the program ends before. */
  async line<T>(
    what: string,
    pick: (line: string) => T | undefined,
    from = 0,
    deadlineMs?: number,
  ): Promise<T> {
    let next = from;
    const look = () => {
      const ended = this.exit;
      while (next < this.lines.length) {
        const found = pick(this.lines[next++] ?? '');
        if (found !== undefined) return { found };
      }
      if (ended) return { ended };
      return undefined;
    };
    return until(`${this.name}: ${what}`, look, deadlineMs).then((result) => {
      if (result.found !== undefined) return result.found;
      throw new Error(
        `${this.name} ended before: ${what}\n${JSON.stringify(this.exit)}\n${this.stderr}${this.stdout}`,
      );
    });
  }

  async ended(deadlineMs?: number): Promise<ProgramExit> {
    return within(`${this.name} ends`, this.exited, deadlineMs);
  }

  /** Ends it now, whatever it does. */
  async kill(): Promise<void> {
    if (this.exit) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private printed(text: string): void {
    this.stdout += text;
    const parts = (this.unfinished + text).split('\n');
    this.unfinished = parts.pop() ?? '';
    this.lines.push(...parts);
  }
}

/** The object in a line of JSON, or undefined where it is none. */
export function jsonLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
