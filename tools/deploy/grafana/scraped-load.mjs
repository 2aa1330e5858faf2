import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { URLSearchParams } from 'node:url';
import { generate } from 'selfsigned';
import { output } from '../commands.mjs';
import { freePort, Programs } from '../programs.mjs';

const LOAD_DEADLINE_MS = 60_000;
const SCRAPES = 10;
const CLIENT = 'acct1';
const CERTIFICATE_DAYS = 20;
/** Not whom the simulated pools' jobs pay. */
const SOMEBODY_ELSE = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';

/**
 * A Prometheus that has scraped the built proxy under load, once a second: two simulated pools, the first of which takes no
 * more connections after a while, miners of a configured client whose shares are partly bad, a listener with a
 * certificate, and a peer that speaks no Stratum. `close` ends all of it.
 */
export class ScrapedLoad {
  #programs = new Programs();
  #directory = mkdtempSync(join(tmpdir(), 'dashboards-'));
  #prometheus = '';
  #stranger;
  client = CLIENT;
  certificateDays = CERTIFICATE_DAYS;
  /** `pool_host` of the pool that fails, and of the one that its miners go to. */
  failed = '';
  spare = '';

  async open() {
    const first = await this.#pool();
    const second = await this.#pool();
    [this.failed, this.spare] = [first, second].map(({ port }) => `127.0.0.1:${port}`);
    const tls = await this.#certificate();
    const config = configuration([first.port, second.port], tls, join(this.#directory, 'data'));
    const ready = await this.#programs.start('proxy', [], ({ msg }) => msg === 'proxy ready', {
      CONFIG_FILE: this.#file('config.json', JSON.stringify(config)),
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
    await this.#scrapesOf('load', 'sum(stratum_submits_total) > 0');
    // Sessions that it has go on until the proxy closes them.
    first.tell({ cmd: 'stop_listening' });
    await this.#scrapesOf(
      'failover',
      `stratum_submits_total{client_id="${CLIENT}", pool_host="${this.spare}"} > 0`,
    );
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

  #pool() {
    const args = ['pool', '--port', '0', '--fast', '--job-interval-ms', '1000'];
    return this.#programs.start('miner-sim', args, ({ event }) => event === 'listening');
  }

  async #certificate() {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date(Date.now() + CERTIFICATE_DAYS * 86_400_000),
    });
    return { cert_file: this.#file('tls.crt', cert), key_file: this.#file('tls.key', key) };
  }

  async #scrapesOf(what, expression) {
    await this.#until(`scrapes of ${what}`, async () => {
      const [scrapes] = await this.query(`count_over_time((${expression})[2m:1s])`);
      return scrapes?.value >= SCRAPES;
    });
  }

  async #startPrometheus(target) {
    const { prometheus } = JSON.parse(output(process.execPath, ['tools/prometheus.mjs']));
    const port = await freePort();
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'mining-proxy', static_configs: [{ targets: [`127.0.0.1:${target}`] }] }],
    };
    const file = this.#file('prometheus.yml', JSON.stringify(config));
    this.#programs.spawn(prometheus, [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(this.#directory, 'samples')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    this.#prometheus = `http://127.0.0.1:${port}`;
  }

  #file(name, content) {
    const path = join(this.#directory, name);
    writeFileSync(path, content);
    return path;
  }

  async #until(what, condition) {
    const deadline = Date.now() + LOAD_DEADLINE_MS;
    while (!(await condition().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`no ${what}`);
      await pause(250);
    }
  }
}

function configuration(ports, tls, dataDirectory) {
  const bound = { bind_address: '127.0.0.1', bind_port: 0 };
  return {
    proxy: {
      ...{ metrics_bind_address: '127.0.0.1', metrics_port: 0 },
      ...{ data_dir: dataDirectory, drain_timeout_ms: 2000 },
    },
    listeners: [
      { name: 'plain', ...bound },
      { name: 'tls', ...bound, tls },
    ],
    pools: ports.map((port, priority) => {
      const health = { interval_ms: 500, timeout_ms: 500, fall: 2 };
      return { name: `pool-${priority}`, host: '127.0.0.1', port, priority, health };
    }),
    failover: { on_down: 'close', failover_spread_ms: 500 },
    clients: [
      { client_id: CLIENT, payout_addresses: [SOMEBODY_ELSE], workers: [`${CLIENT}.*`], accounts: [CLIENT] },
    ],
  };
}
