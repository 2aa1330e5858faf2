import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { watch } from 'rolldown';
import { root } from './run.mjs';

/**
 * `nx serve <app>`: builds the app, runs it, and does both again whenever a source file changes.
 * The app's own environment (`POOL_HOST` and so on) is handed through.
 */
const name = process.argv[2];
const { default: bundle } = await import(resolve(root, 'apps', name, 'rolldown.config.mjs'));
let child;
let stopping = false;

const watcher = watch(bundle);
watcher.on('event', (event) => {
  if (event.code === 'ERROR') console.error(`${name}: build failed: ${event.error.message}`);
  if (event.code === 'BUNDLE_END') void event.result.close();
  if (event.code === 'END') void restart();
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop());

async function restart() {
  await end(child);
  if (stopping) return;
  child = spawn(process.execPath, ['--enable-source-maps', resolve(root, 'dist/apps', name, 'main.js')], {
    cwd: root,
    stdio: 'inherit',
    // Nx stands between this and the terminal, where there is one.
    env: { LOG_FORMAT: process.env.CI ? 'json' : 'pretty', ...process.env },
  });
  child.on('close', (code) => {
    if (!stopping && code) console.error(`${name}: ended with ${code}; waiting for a change`);
  });
}

async function stop() {
  if (stopping) return;
  stopping = true;
  // The program first: whoever stops us may not wait for long.
  const ended = end(child);
  await watcher.close();
  await ended;
  process.exit(0);
}

/** Asks the process to end and waits for it. One that drains for too long is asked a second time. */
async function end(running) {
  if (!running || running.exitCode !== null || running.signalCode !== null) return;
  const closed = new Promise((done) => running.once('close', done));
  running.kill('SIGTERM');
  const again = setTimeout(() => running.kill('SIGTERM'), 2_000);
  await closed;
  clearTimeout(again);
}
