import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpGet, type HttpAnswer } from './http-get';
import { MetricsPage, type Labels } from './metrics-page';
import { Program, PROXY_MAIN, jsonLine, type ProgramExit } from './program';
import { expectSharesToAddUp } from './share-equation';
import { DEADLINE_MS, until } from './wait';

/** What the proxy is to be started with; the sections stand in the file as they are here. */
export interface ProxyOptions {
  /** Of the one pool; also given where `pools` says more, for what is asked of the first one. */
  readonly poolPort: number;
  readonly poolHost?: string;
  /** Names the pool as a newcomer does, by `pool_host` and `pool_port`; then it is checked like any other. */
  readonly shortForm?: boolean;
  readonly pools?: readonly Readonly<Record<string, unknown>>[];
  readonly listeners?: readonly Readonly<Record<string, unknown>>[];
  readonly failover?: Readonly<Record<string, unknown>>;
  readonly proxy?: Readonly<Record<string, unknown>>;
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly access?: Readonly<Record<string, unknown>>;
  readonly clients?: readonly Readonly<Record<string, unknown>>[];
  readonly billing?: Readonly<Record<string, unknown>>;
  readonly audit?: Readonly<Record<string, unknown>>;
  /** Sockets that are handed over, each to the listener of its name. */
  readonly sockets?: readonly { readonly name: string; readonly fd: number }[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What the proxy has bound. */
interface ProxyPorts {
  readonly minerPort: number;
  readonly otherPorts: readonly number[];
  readonly httpPort: number;
}

/** One line of the proxy's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string; readonly level: string };

/** Ports that the system chooses, and times that no test reaches unless it sets its own. */
/** A pool counts its connections in these tests: none but miners' while it is up. Down, it is looked at every second. */
const UNCHECKED = { interval_ms: 3_600_000 };

const BOUND = { bind_address: '127.0.0.1', bind_port: 0 };

const DEFAULTS = {
  metrics_bind_address: '127.0.0.1',
  metrics_port: 0,
  log_level: 'debug',
  instance_id: 'e2e',
  drain_timeout_ms: 2_000,
};

/** The built proxy as a process of its own, as an operator would run it. */
export class ProxyProcess {
  private constructor(
    readonly program: Program,
    private readonly ports: ProxyPorts,
    readonly poolHost: string,
    private readonly directory: string,
    private readonly metricsToken: string | undefined,
    private readonly file: string,
  ) {}

  /** Resolves when the proxy says that it is ready; rejects with its output if it ends instead. */
  static async start(options: ProxyOptions): Promise<ProxyProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'proxy-e2e-'));
    const poolHost = options.poolHost ?? '127.0.0.1';
    const only = { name: 'default', host: poolHost, port: options.poolPort, health: UNCHECKED };
    const {
      identity = {},
      clients = [],
      failover = {},
      access = {},
      billing = {},
      audit = {},
      listeners,
      sockets = [],
    } = options;
    const pools = options.shortForm ? undefined : (options.pools ?? [only]);
    const proxy = {
      ...DEFAULTS,
      ...(listeners ? {} : BOUND),
      ...(options.shortForm ? { pool_host: poolHost, pool_port: options.poolPort } : {}),
      data_dir: join(directory, 'data'),
      ...options.proxy,
    };
    const file = join(directory, 'config.json');
    writeFileSync(
      file,
      JSON.stringify({ proxy, pools, listeners, failover, access, identity, clients, billing, audit }),
    );
    const env = { CONFIG_FILE: file, ...options.env };
    const program =
      sockets.length === 0 ? Program.start(PROXY_MAIN, [], env) : Program.startWith(sockets, PROXY_MAIN, env);
    try {
      const ready = await program.line('proxy ready', (line) => {
        const entry = jsonLine(line);
        return entry?.msg === 'proxy ready' ? entry : undefined;
      });
      const pool = `${poolHost}:${options.poolPort}`;
      const token = proxy['metrics_token' as keyof typeof proxy] as string | undefined;
      const [minerPort = 0, ...otherPorts] = portsOf(ready.listening);
      const [httpPort = 0] = portsOf(ready.http);
      const ports = { minerPort, otherPorts, httpPort };
      return new ProxyProcess(program, ports, pool, directory, token, file);
    } catch (error) {
      await program.kill();
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Of the first listener. */
  get minerPort(): number {
    return this.ports.minerPort;
  }

  /** Of the listeners after the first one, in the order of the file. */
  get otherPorts(): readonly number[] {
    return this.ports.otherPorts;
  }

  get httpPort(): number {
    return this.ports.httpPort;
  }

  get logs(): readonly LogLine[] {
    return this.program.printedLines.map(
      (line) => (jsonLine(line) ?? { msg: line, level: 'none' }) as LogLine,
    );
  }

  /** All that it has printed, on both outputs. */
  get output(): string {
    return this.program.stdout + this.program.stderr;
  }

  logsOf(msg: string): readonly LogLine[] {
    return this.logs.filter((line) => line.msg === msg);
  }

  /** The log's `count`th line with this message. */
  async logged(msg: string, count = 1): Promise<LogLine> {
    return until(`log line ${count} of "${msg}"`, () => this.logsOf(msg)[count - 1]);
  }

  /** Changes sections of its configuration file; what is not given stays. A section is replaced key by key, a list as a whole. */
  configure(change: Readonly<Record<string, object>>): void {
    const content = JSON.parse(readFileSync(this.file, 'utf8')) as Record<string, object>;
    for (const [name, section] of Object.entries(change)) {
      content[name] = Array.isArray(section) ? section : { ...content[name], ...section };
    }
    writeFileSync(this.file, JSON.stringify(content));
  }

  /** SIGHUP; resolves with the line of the log that says what came of it. */
  async reload(): Promise<LogLine> {
    const results = () => this.logs.filter(({ msg }) => msg.startsWith('configuration re'));
    const before = results().length;
    this.program.signal('SIGHUP');
    return until('the reload is over', () => results()[before]);
  }

  /** What a command of the program prints, asked with the configuration of this one. */
  async command(
    ...args: readonly string[]
  ): Promise<{ readonly code: number | null; readonly text: string }> {
    const asked = Program.start(PROXY_MAIN, args, {
      CONFIG_FILE: this.file,
      METRICS_PORT: String(this.httpPort),
    });
    const { code } = await asked.ended();
    return { code, text: asked.stdout + asked.stderr };
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpAnswer> {
    return httpGet({ port: this.httpPort, path, headers });
  }

  async json(path: string): Promise<Record<string, unknown>> {
    return JSON.parse((await this.get(path)).body) as Record<string, unknown>;
  }

  async metrics(): Promise<MetricsPage> {
    const headers = this.metricsToken === undefined ? {} : { authorization: `Bearer ${this.metricsToken}` };
    const response = await this.get('/metrics', headers);
    if (response.status !== 200) throw new Error(`/metrics answers ${response.status}`);
    return new MetricsPage(response.body);
  }

  /** Waits until a metric has the value. */
  async counts(name: string, labels: Labels, value: number, deadlineMs = DEADLINE_MS): Promise<MetricsPage> {
    let last: number | undefined;
    const look = async () => {
      const page = await this.metrics();
      last = page.value(name, labels);
      return last === value && page;
    };
    return until(`${name} ${JSON.stringify(labels)} = ${value}`, look, deadlineMs).catch((error: unknown) => {
      throw new Error(`${String(error)}; it is ${String(last)}`);
    });
  }

  /** Waits until every session has closed, and returns the numbers of then. */
  async atRest(): Promise<MetricsPage> {
    return this.counts('stratum_active_connections', {}, 0);
  }

  /** Resident memory, in bytes. */
  async residentBytes(): Promise<number> {
    return (await this.metrics()).value('process_resident_memory_bytes');
  }

  /** SIGTERM, and the exit code that follows. */
  async terminate(): Promise<ProgramExit> {
    this.program.signal('SIGTERM');
    return this.program.ended();
  }

  /** Ends an orderly run: its shares add up, SIGTERM ends it with 0, and nothing was left on standard error. */
  async end(): Promise<void> {
    try {
      if (this.program.exit) return;
      expectSharesToAddUp(await this.metrics());
      expect(await this.terminate()).toEqual({ code: 0, signal: null });
      expect(this.program.stderr).toBe('');
    } finally {
      await this.program.kill();
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}

function portsOf(addresses: unknown): number[] {
  return (addresses as readonly string[]).map((address) => Number(address.split(':').at(-1)));
}
