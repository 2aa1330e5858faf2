import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/**
 * Finds `prometheus` and `promtool` for the tests, and prints where they are as one line of JSON.
 *
 * Looks in PATH, in /usr/bin, and in .cache/prometheus. Where they are nowhere and there is an apt-get, it
 * fetches Debian's package and unpacks it into .cache/prometheus, once. Unpacks, and does not install: the
 * package's set-up starts a daemon on port 9090 of all addresses, which is the proxy's own port. It needs
 * no root that way, except where the lists of packages have to be fetched first.
 *
 * Without success: one line on standard error that says why, and exit code 1.
 */
const TOOLS = ['prometheus', 'promtool'];
const FETCH_TIMEOUT_MS = 60_000;
const LOCK_PAUSE_MS = 500;
const cache = resolve(import.meta.dirname, '../.cache/prometheus');
const unpackedBin = join(cache, 'usr/bin');

const found = find() ?? (fetchPackage() ? find() : undefined);
if (found) console.log(JSON.stringify(found));
else process.exitCode = 1;

function find() {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', unpackedBin].filter(Boolean);
  const paths = TOOLS.map((tool) => directories.map((path) => join(path, tool)).find(isExecutable));
  if (paths.includes(undefined)) return undefined;
  return Object.fromEntries(TOOLS.map((tool, index) => [tool, paths[index]]));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Leaves all of the package or nothing of it: what is half unpacked stands under another name. */
function fetchPackage() {
  if (spawnSync('apt-get', ['--version']).status !== 0) {
    return failed('there is no prometheus here, and no apt-get to fetch it with');
  }
  mkdirSync(resolve(cache, '..'), { recursive: true });
  const scratch = mkdtempSync(`${cache}-`);
  try {
    let problem = download(scratch);
    // A fresh system has no lists of packages yet, or stale ones; only root may fetch them.
    if (problem && process.getuid?.() === 0) problem = updateAndDownload(scratch);
    if (problem) return failed(`Debian's package cannot be fetched: ${problem}`);
    const file = readdirSync(scratch).find((name) => name.endsWith('.deb'));
    problem = run('dpkg-deb', ['--extract', file ?? '', 'unpacked'], scratch);
    if (problem) return failed(`Debian's package cannot be unpacked: ${problem}`);
    return takeInto(cache, join(scratch, 'unpacked'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function download(scratch) {
  return run('apt-get', ['download', 'prometheus'], scratch);
}

/** Two suites may look at one time: whoever finds the lists locked waits for them, and uses them too. */
function updateAndDownload(scratch) {
  const deadline = Date.now() + FETCH_TIMEOUT_MS;
  for (;;) {
    const problem = run('apt-get', ['update'], scratch);
    const isLocked = problem?.includes('lock') && Date.now() < deadline;
    if (!isLocked) return download(scratch);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_PAUSE_MS);
  }
}

/** Somebody else may have been faster: theirs is as good. */
function takeInto(directory, unpacked) {
  try {
    renameSync(unpacked, directory);
    return true;
  } catch (error) {
    return existsSync(unpackedBin) || failed(`${directory} cannot be made: ${error.message}`);
  }
}

/** What went wrong, in a line, or undefined. */
function run(command, args, cwd) {
  const { error, status, stderr } = spawnSync(command, args, {
    cwd,
    timeout: FETCH_TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  const lines = stderr.trim().split('\n');
  const said = lines.find((line) => line.startsWith('E:')) ?? lines.at(-1);
  return error?.message ?? (said || `${command} ended with ${status}`);
}

function failed(reason) {
  console.error(reason);
  return false;
}
