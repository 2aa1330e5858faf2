import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { createRequire } from 'node:module';

export const root = resolve(import.meta.dirname, '../..');
export const cache = resolve(root, '.cache/deploy');

const LONGEST_MS = 600_000;

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

/** Sees to it that Debian's packages are here, by their commands. Resolves to why they are not, or undefined. */
export function debianPackages(packages) {
  const isMissing = (name) => attempt('which', [name]).status !== 0;
  if (!packages.some(isMissing)) return undefined;
  if (process.getuid?.() !== 0 || isMissing('apt-get')) {
    return `${packages.filter(isMissing).join(' and ')} cannot be installed without root and apt-get`;
  }
  const install = () => attempt('apt-get', ['install', '-y', '--no-install-recommends', ...packages]);
  // A fresh system has no lists of packages yet, or stale ones.
  if (install().status !== 0) {
    attempt('apt-get', ['update']);
    install();
  }
  const missing = packages.filter(isMissing);
  return missing.length > 0 ? `apt-get could not install ${missing.join(' and ')}` : undefined;
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
