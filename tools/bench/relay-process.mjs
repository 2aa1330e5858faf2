import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeCertificate } from './certificate.mjs';
import { RELAY_CPU, pinned } from './processes.mjs';

/** Starts the relay on a CPU of its own, in front of the pool; with `tls` its miners come in TLS. Resolves when it accepts connections. */
export async function startRelay(relay, poolPort, { tls = false } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'mining-proxy-bench-'));
  const ports = { pool: poolPort, relay: await freePort(), http: await freePort() };
  const certificate = tls ? await writeCertificate(directory) : undefined;
  const [program, ...args] = pinned(RELAY_CPU, relay.start({ ports, directory, certificate }));
  const child = spawn(program, args, {
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
  return { pid: child.pid, port: ports.relay, httpPort: ports.http, stop };
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
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
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
