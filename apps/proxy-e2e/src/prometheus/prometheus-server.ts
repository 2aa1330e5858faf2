import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort, until, within } from '@mining-proxy/e2e-support';
import { ROOT } from './find-prometheus';

/** One sample of a range, at milliseconds since 1970. */
export interface TimedValue {
  readonly at: number;
  readonly value: number;
}

export interface Series<T> {
  readonly labels: Readonly<Record<string, string>>;
  readonly data: T;
}

export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

export interface ServerOptions {
  /** `host:port` of every proxy. */
  readonly targets: readonly string[];
  readonly metricsToken: string;
}

type Answer = readonly {
  metric: Record<string, string>;
  value: [number, string];
  values: [number, string][];
}[];

const SCRAPE_INTERVAL = '1s';

/** A real Prometheus, on a free port of the loopback address, with a directory of its own. */
export class PrometheusServer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
    private readonly directory: string,
  ) {}

  /** Resolves when it answers queries. It scrapes the targets with the rules of the project's own file. */
  static async start(program: string, options: ServerOptions): Promise<PrometheusServer> {
    const directory = mkdtempSync(join(tmpdir(), 'prometheus-e2e-'));
    writeFileSync(join(directory, 'rules.yml'), impatientRules());
    writeFileSync(join(directory, 'prometheus.yml'), configuration(options));
    const port = await freePort();
    const flags = {
      'config.file': join(directory, 'prometheus.yml'),
      'storage.tsdb.path': join(directory, 'data'),
      'web.listen-address': `127.0.0.1:${port}`,
      'log.level': 'warn',
    };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    const child = spawn(program, args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
    const server = new PrometheusServer(child, port, directory);
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error) => (output += error.message));
    try {
      await until('Prometheus is ready', async () => {
        if (server.hasEnded) return true;
        return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
      });
      if (server.hasEnded) throw new Error(`Prometheus has ended: ${output}`);
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** The series of an instant query, at a moment or now. */
  async query(expression: string, at?: number): Promise<readonly Series<number>[]> {
    return (await this.answer(expression, at)).map(({ metric, value }) => ({
      labels: metric,
      data: Number(value[1]),
    }));
  }

  /** The one number that a query gives; an error where it gives none, or several. */
  async number(expression: string, at?: number): Promise<number> {
    const series = await this.query(expression, at);
    const [only] = series;
    if (!only || series.length > 1) throw new Error(`${expression} gives ${JSON.stringify(series)}`);
    return only.data;
  }

  /** The samples that are stored of one series. */
  async samples(selector: string): Promise<readonly TimedValue[]> {
    const series = await this.answer(`${selector}[1h]`);
    const [only] = series;
    if (!only || series.length > 1) throw new Error(`${selector} names ${series.length} series`);
    return only.values.map(([seconds, text]) => ({ at: Math.round(seconds * 1000), value: Number(text) }));
  }

  /** Waits until a query gives the number. */
  async shows(expression: string, expected: number): Promise<void> {
    await until(`${expression} is ${expected}`, async () => (await this.number(expression)) === expected);
  }

  async alerts(): Promise<readonly ActiveAlert[]> {
    return ((await this.get('alerts', {})) as { alerts: ActiveAlert[] }).alerts;
  }

  /** The expressions of all rules that are loaded, as Prometheus prints them. */
  async rules(): Promise<readonly { name: string; query: string }[]> {
    const { groups } = (await this.get('rules', {})) as {
      groups: { rules: { name: string; query: string }[] }[];
    };
    return groups.flatMap(({ rules }) => rules);
  }

  /** Does something between two scrapes: Prometheus stands still meanwhile. */
  async whileItLooksAway<T>(work: () => Promise<T>): Promise<T> {
    this.child.kill('SIGSTOP');
    try {
      return await work();
    } finally {
      this.child.kill('SIGCONT');
    }
  }

  async stop(): Promise<void> {
    if (!this.hasEnded) {
      const closed = once(this.child, 'close');
      this.child.kill('SIGTERM');
      await within('Prometheus ends', closed).catch(() => this.child.kill('SIGKILL'));
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get hasEnded(): boolean {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async answer(query: string, at?: number): Promise<Answer> {
    const time = at === undefined ? {} : { time: String(at / 1000) };
    return ((await this.get('query', { query, ...time })) as { result: Answer }).result;
  }

  private async get(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const query = new URLSearchParams(parameters).toString();
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/${path}?${query}`);
    const { status, data, error } = (await response.json()) as {
      status: string;
      data: unknown;
      error?: string;
    };
    if (status !== 'success') throw new Error(`${path} ${query}: ${String(error)}`);
    return data;
  }
}

/** The project's rules, looked at every second, with alerts that wait for 2 s. Expressions stay as they are. */
function impatientRules(): string {
  return readFileSync(resolve(ROOT, 'infra/prometheus/mining-proxy.rules.yml'), 'utf8')
    .replaceAll(/^( +interval:) \d+s$/gm, '$1 1s')
    .replaceAll(/^( +for:) \d+m$/gm, '$1 2s');
}

/** JSON, which is YAML too. */
function configuration({ targets, metricsToken }: ServerOptions): string {
  return JSON.stringify({
    global: { scrape_interval: SCRAPE_INTERVAL, scrape_timeout: SCRAPE_INTERVAL },
    rule_files: ['rules.yml'],
    scrape_configs: [
      {
        job_name: 'mining-proxy',
        authorization: { credentials: metricsToken },
        static_configs: [{ targets }],
      },
    ],
  });
}
