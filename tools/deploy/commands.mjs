import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { createRequire } from 'node:module';

export const root = resolve(import.meta.dirname, '../..');
export const cache = resolve(root, '.cache/deploy');

const LONGEST_MS = 600_000;
const ATTEMPTS = 5;
const PAUSE_MS = 10_000;

/** Standard output of a command that must succeed; else an error with what it said. */
export function output(command, args, options = {}) {
  const { error, status, stdout, stderr } = attempt(command, args, options);
  if (status === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}\n${said}`);
}

/** The same for one that may fail. */
export function attempt(command, args, options = {}) {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', timeout: LONGEST_MS, ...options });
}

/** Whether a check that misses something on this machine could have it. */
export function canInstall() {
  return (
    process.platform === 'linux' && process.arch === 'x64' && process.getuid() === 0 && isHere('apt-get')
  );
}

/** Sees to it that the commands of Debian's packages are here. Returns why they are not, or undefined. */
export function debianPackages(packages, commands = packages) {
  const missing = () => commands.filter((name) => !isHere(name));
  if (missing().length === 0) return undefined;
  if (process.getuid?.() !== 0 || !isHere('apt-get')) {
    return `${missing().join(' and ')} cannot be installed without root and apt-get`;
  }
  // Another apt-get may hold the locks, and a mirror may be slow: that passes.
  return persistently(() => {
    // A fresh system has no lists of packages yet, or stale ones.
    const problem = install(packages) && (aptGet('update') ?? install(packages));
    if (problem) return `apt-get: ${problem}`;
    return missing().length > 0 ? `apt-get installed no ${missing().join(' and no ')}` : undefined;
  });
}

/** Finds Prometheus' programs, or fetches them. Returns why there are none, or undefined. */
export function prometheusMissing() {
  return persistently(() => {
    const { status, stderr } = attempt(process.execPath, ['tools/prometheus.mjs']);
    return status === 0 ? undefined : stderr.trim();
  });
}

/** Does it up to five times, and says each time why it did not succeed. Returns the last reason, or undefined. */
function persistently(act) {
  for (let time = 1; ; time += 1) {
    const problem = act();
    if (!problem || time === ATTEMPTS || !canInstall()) return problem;
    console.log(`attempt ${time} of ${ATTEMPTS}: ${problem}; again in ${PAUSE_MS / 1000} s`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

function install(packages) {
  return aptGet('install', '-y', '--no-install-recommends', ...packages);
}

/** What went wrong, in a line, or undefined. */
function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error, stderr } = attempt('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], { env });
  if (status === 0) return undefined;
  return error?.message ?? stderr.split('\n').find((line) => line.startsWith('E:')) ?? `ended with ${status}`;
}

function isHere(command) {
  return attempt('which', [command]).status === 0;
}

/** A file of this repository as text. */
export function textOf(path) {
  return readFileSync(resolve(root, path), 'utf8');
}

/** A YAML file of this repository, its anchors and merges resolved. */
export function yamlOf(path) {
  return yaml().parse(textOf(path), { merge: true });
}

/** The default of `proxy.drain_timeout_ms`, from the table that is made from the schema. */
export function defaultDrainMs() {
  const cell = /^\| `proxy\.drain_timeout_ms`\s*\| `(\d+)`/m.exec(textOf('README.md'))?.[1];
  if (!cell) throw new Error('the README names no default of proxy.drain_timeout_ms');
  return Number(cell);
}

/** Milliseconds of `30s`. */
export function milliseconds(text) {
  const seconds = /^(\d+)s$/.exec(text)?.[1];
  if (!seconds) throw new Error(`not a number of seconds: ${text}`);
  return Number(seconds) * 1000;
}

/** Nx reads YAML with this parser, so it is in the tree. */
function yaml() {
  const nx = createRequire(realpathSync(resolve(root, 'node_modules/nx/package.json')));
  return nx('yaml');
}
