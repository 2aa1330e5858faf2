import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');

/** Runs Nx in the workspace's root with its output shown. Resolves to the exit code. */
export function nx(...args) {
  return run(resolve(root, 'node_modules/.bin/nx'), args);
}

function run(command, args) {
  return new Promise((done, fail) => {
    // The daemon would stay behind, and every run here is one of its own.
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, NX_DAEMON: 'false' },
    });
    child.on('error', fail);
    child.on('close', (code, signal) => done(signal ? 1 : code));
  });
}
