import { copyFileSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { attempt, debianPackages, defaultDrainMs, milliseconds, output, root, textOf } from './commands.mjs';

export const name = 'systemd: the unit is clean, hardened, and waits for the drain';

const UNIT = 'mining-proxy.service';

export function needs() {
  return debianPackages(['systemd'], ['systemd-analyze']);
}

export function run(assert) {
  const directory = mkdtempSync(join(tmpdir(), 'unit-'));
  try {
    const unit = installedInto(directory);
    assert.equal(lstatSync(unit).isFile(), true);
    const text = readFileSync(unit, 'utf8');
    assert.equal(text, textOf(`infra/systemd/${UNIT}`));

    verified(assert, unit);
    assert.throws(() => verified(assert, brokenCopyOf(unit, directory)), /Unknown key/);
    assert.ok(exposureOf(unit) <= statedExposure(), `exposure ${exposureOf(unit)}`);
    hasItsInstallLines(assert);
    installsWhatItNames(assert, text);
    settings(assert, text);
    environment(assert);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** As the install line does it: `cp infra/mining-proxy.service …`. */
function installedInto(directory) {
  output('cp', [`infra/${UNIT}`, `${directory}/`]);
  return join(directory, UNIT);
}

/** It ends with 0 on unknown keys: whatever it says is a fault. */
function verified(assert, unit) {
  const { stderr, status } = attempt('systemd-analyze', ['verify', '--man=no', withOurNode(unit)]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
}

/** It also looks for the program, which may be elsewhere on a developer's machine. */
function withOurNode(unit) {
  output('sed', ['-i', `s#^ExecStart=node #ExecStart=${process.execPath} #`, unit]);
  return unit;
}

function brokenCopyOf(unit, directory) {
  const broken = join(directory, 'broken.service');
  copyFileSync(unit, broken);
  output('sed', ['-i', 's/^NoNewPrivileges=/NoMorePrivileges=/', broken]);
  return broken;
}

function exposureOf(unit) {
  const args = ['security', '--offline=yes', '--no-pager', unit];
  const level = /Overall exposure level for \S+: ([\d.]+)/.exec(output('systemd-analyze', args))?.[1];
  return Number(level);
}

/** By the systemd of Debian 12. */
function statedExposure() {
  return Number(/`systemd-analyze security` gives it ([\d.]+)/.exec(textOf('docs/OPERATIONS.md'))?.[1]);
}

function hasItsInstallLines(assert) {
  const lines = [
    `sudo cp infra/${UNIT} /etc/systemd/system/`,
    'sudo systemctl daemon-reload',
    'sudo systemctl enable --now mining-proxy',
    'sudo journalctl -u mining-proxy -f',
  ];
  assert.ok(textOf('docs/OPERATIONS.md').includes(lines.join('\n')));
}

/** Directories of the build that the unit points into: whoever follows the text has to have copied them. */
function installsWhatItNames(assert, text) {
  const named = [...text.matchAll(/^\w+=.*\/opt\/mining-proxy\/(\w+\/)/gm)].map(([, directory]) => directory);
  assert.deepEqual(named, ['docs/', 'dist/']);
  const install = /^The build with its packages goes to .*?Then:$/ms.exec(textOf('docs/OPERATIONS.md'))?.[0];
  for (const directory of named) {
    assert.ok(install?.includes(`\`${directory}\``), `${directory} is not among what is installed`);
    assert.ok(text.split('\n')[0].includes(directory));
  }
}

function settings(assert, text) {
  const value = (key) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1];
  assert.ok(milliseconds(value('TimeoutStopSec')) > defaultDrainMs());
  assert.equal(value('LimitNOFILE'), '65535');
  assert.equal(value('StateDirectory'), 'mining-proxy');
  assert.equal(value('Restart'), 'on-failure');
  assert.equal(value('RestartPreventExitStatus'), '64');
  assert.equal(value('MemoryDenyWriteExecute'), 'no');
  assert.match(value('ExecStart'), /^node \/opt\/mining-proxy\/dist\/apps\/proxy\/main\.js$/);
}

/** The example is taken by the program as it is. */
function environment(assert) {
  const lines = textOf('infra/systemd/mining-proxy.env.example').split('\n');
  const set = lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split('='));
  const program = resolve(root, 'dist/apps/proxy/main.js');
  const env = { PATH: process.env.PATH, ...Object.fromEntries(set) };
  assert.equal(output(process.execPath, [program, '--check-config'], { env }), 'configuration ok\n');
}
