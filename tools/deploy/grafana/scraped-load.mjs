import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { URLSearchParams } from 'node:url';
import { generate } from 'selfsigned';
import { output } from '../commands.mjs';
import { freePort, Programs } from './programs.mjs';

const LOAD_DEADLINE_MS = 60_000;
const SCRAPES = 10;
const CLIENT = 'acct1';

/**
 * A Prometheus that has scraped the built proxy under load, once a second: a simulated pool, miners of a configured client
 * whose shares are partly bad, and a peer that speaks no Stratum. `close` ends all of it.
 */
export class ScrapedLoad {
  #programs = new Programs();
  #directory = mkdtempSync(join(tmpdir(), 'dashboards-'));
  #prometheus = '';
  #stranger;
  client = CLIENT;

  async open() {
    const pool = await this.#simulator('pool', ['--port', '0', '--fast', '--job-interval-ms', '1000']);
    const ready = await this.#programs.start('proxy', [], ({ msg }) => msg === 'proxy ready', {
      CONFIG_FILE: this.#file(
        'config.json',
        configuration(pool.port, this.#directory, await this.#certificate()),
      ),
    });
    const portOf = ([address]) => Number(address.split(':').at(-1));
    await this.#startPrometheus(portOf(ready.http));
    await this.#until('the first scrape', async () => (await this.query('sum(up)'))[0]?.value === 1);

    const miners = ['--port', String(portOf(ready.listening)), '--rigs-per-account', '3'];
    const paces = ['--shares-per-minute', '120', '--duplicate-rate', '0.2', '--reconnect-every-ms', '3000'];
    this.#programs.spawn(process.execPath, ['dist/apps/miner-sim/main.js', 'mine', ...miners, ...paces]);
    this.#stranger = connect(portOf(ready.listening), '127.0.0.1').on('error', () => undefined);
    // What it spoke is counted when it leaves.
    this.#stranger.end('GET / HTTP/1.1\r\nHost: pool\r\n\r\n');
    await this.#until('scrapes under load', async () => {
      const [scrapes] = await this.query(`count_over_time((sum(stratum_submits_total) > 0)[2m:1s])`);
      return scrapes?.value >= SCRAPES;
    });
  }

  /** The series of an instant query. */
  async query(expression) {
    const parameters = new URLSearchParams({ query: expression });
    const answer = await (await fetch(`${this.#prometheus}/api/v1/query?${parameters}`)).json();
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
    return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  async close() {
    this.#stranger?.destroy();
    await this.#programs.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #simulator(role, args) {
    return this.#programs.start('miner-sim', [role, ...args], ({ event }) => event === 'listening');
  }

  async #startPrometheus(target) {
    const { prometheus } = JSON.parse(output(process.execPath, ['tools/prometheus.mjs']));
    const port = await freePort();
    const file = this.#file('prometheus.yml', {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'mining-proxy', static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
    });
    this.#programs.spawn(prometheus, [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(this.#directory, 'samples')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    this.#prometheus = `http://127.0.0.1:${port}`;
  }

  #file(name, content) {
    const path = join(this.#directory, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  async #certificate() {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'mine.example.com' }]);
    return { cert_file: this.#file('tls.crt', cert), key_file: this.#file('tls.key', key) };
  }

  async #until(what, condition) {
    const deadline = Date.now() + LOAD_DEADLINE_MS;
    while (!(await condition().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`no ${what}`);
      await pause(250);
    }
  }
}

function configuration(poolPort, directory, tls) {
  const listener = { bind_address: '127.0.0.1', bind_port: 0 };
  return {
    proxy: {
      ...{ metrics_bind_address: '127.0.0.1', metrics_port: 0 },
      ...{ pool_host: '127.0.0.1', pool_port: poolPort },
      ...{ data_dir: join(directory, 'data'), drain_timeout_ms: 2000 },
    },
    listeners: [
      { name: 'plain', ...listener },
      { name: 'tls', ...listener, tls },
    ],
    clients: [{ client_id: CLIENT, workers: [`${CLIENT}.*`], accounts: [CLIENT] }],
  };
}
