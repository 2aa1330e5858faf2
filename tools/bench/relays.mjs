import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const RELAY_CPU = '0';

/** What is measured side by side. `start` gets ports and a directory, and gives the command to run. */
const RELAYS = [
  {
    name: 'mining-proxy',
    about: 'this proxy, everything on',
    start: (ports, directory) => proxyCommand(ports, directory, {}),
  },
  {
    name: 'mining-proxy, no inspection',
    about: 'this proxy with `proxy.inspection` off',
    start: (ports, directory) => proxyCommand(ports, directory, { inspection: false }),
  },
  {
    name: 'node pipe',
    about: 'two sockets piped into each other, nothing else',
    start: ({ pool, relay }) => [
      process.execPath,
      resolve(import.meta.dirname, 'pipe-relay.mjs'),
      String(pool),
      String(relay),
    ],
  },
  {
    name: 'haproxy',
    about: '`mode tcp`, one thread',
    program: 'haproxy',
    package: ['haproxy'],
    start: haproxyCommand,
  },
  {
    name: 'nginx',
    about: '`stream`, one worker',
    program: 'nginx',
    package: ['nginx-light', 'libnginx-mod-stream'],
    start: nginxCommand,
  },
];

/** The relays that can run here. Installs what is missing on Debian, as root, with `--install`; names it else. */
export function availableRelays(install, say) {
  return RELAYS.filter((relay) => {
    if (!relay.program || findProgram(relay.program)) return true;
    if (install) {
      say(`installing ${relay.package.join(' ')}`);
      execFileSync('apt-get', ['install', '-y', '--no-install-recommends', ...relay.package], {
        stdio: 'ignore',
      });
      if (findProgram(relay.program)) return true;
    }
    say(
      `left out: ${relay.name} (not installed; Debian: apt-get install ${relay.package.join(' ')}, or --install)`,
    );
    return false;
  });
}

/** Starts the relay on a CPU of its own, in front of the pool. Resolves when it accepts connections. */
export async function startRelay(relay, poolPort) {
  const directory = mkdtempSync(join(tmpdir(), 'mining-proxy-bench-'));
  const ports = { pool: poolPort, relay: await freePort() };
  const [program, ...args] = relay.start(ports, directory);
  const child = spawn('taskset', ['-c', RELAY_CPU, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CONFIG_FILE: join(directory, 'config.json') },
  });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const ended = new Promise((done) => child.once('close', done));
  await Promise.race([
    untilAccepting(ports.relay),
    ended.then((code) => {
      throw new Error(`${relay.name} ended with ${code}: ${errors}`);
    }),
  ]);
  const stop = async () => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 3_000);
    await ended;
    clearTimeout(force);
    rmSync(directory, { recursive: true, force: true });
  };
  return { pid: child.pid, port: ports.relay, stop };
}

/** Writes this proxy's configuration and gives the command that runs it. */
export function proxyCommand({ pool, relay }, directory, settings) {
  const proxy = {
    ...{ bind_address: '127.0.0.1', bind_port: relay, pool_host: '127.0.0.1', pool_port: pool },
    ...{ metrics_bind_address: '127.0.0.1', metrics_port: 0, max_connections: 20_000, log_level: 'warn' },
    ...{ data_dir: join(directory, 'data'), drain_timeout_ms: 500, ...settings },
  };
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ proxy }));
  return [process.execPath, resolve(root, 'dist/apps/proxy/main.js')];
}

function haproxyCommand({ pool, relay }, directory) {
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 9000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen stratum
  bind 127.0.0.1:${relay} backlog 4096
  server pool 127.0.0.1:${pool}
`,
  );
  return [findProgram('haproxy'), '-db', '-f', file];
}

function nginxCommand({ pool, relay }, directory) {
  const file = join(directory, 'nginx.conf');
  const module = '/usr/lib/nginx/modules/ngx_stream_module.so';
  writeFileSync(
    file,
    `${existsSync(module) ? `load_module ${module};` : ''}
daemon off;
worker_processes 1;
pid ${join(directory, 'nginx.pid')};
error_log stderr error;
events { worker_connections 16000; }
stream {
  server {
    listen 127.0.0.1:${relay} backlog=4096;
    proxy_pass 127.0.0.1:${pool};
    proxy_timeout 1h;
    tcp_nodelay on;
  }
}
`,
  );
  return [findProgram('nginx'), '-p', directory, '-c', file, '-e', 'stderr'];
}

function findProgram(name) {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, name)).find((file) => existsSync(file));
}

async function untilAccepting(port) {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    if (await accepts(port)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function accepts(port) {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
