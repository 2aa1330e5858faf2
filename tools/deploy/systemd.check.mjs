import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually, freePort } from './running.mjs';
import { attempt, debianPackages, defaultDrainMs, milliseconds, output, root, textOf } from './commands.mjs';

export const name =
  'systemd: the units are clean, hardened, wait for the drain, are handed their socket, and say that they are ready';

const UNIT = 'mining-proxy.service';

/** Node has no datagram sockets of the UNIX kind, every Debian has Perl. Writes down what it hears, a line for each message. */
const HEAR = `
  open(HEARD, '>>', $ARGV[1]); select(HEARD); $| = 1;
  socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, sockaddr_un($ARGV[0])) or die;
  while (defined(recv(S, $message, 4096, 0))) { print "$message\\n" }`;

export function needs() {
  return debianPackages(['systemd'], ['systemd-analyze', 'systemd-socket-activate', 'systemd-notify']);
}

export async function run(assert) {
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
    moreUnits(assert, directory);
    await activated(assert, directory);
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
  assert.match(
    value('ExecStart'),
    /^node --max-semi-space-size=2 \/opt\/mining-proxy\/dist\/apps\/proxy\/main\.js$/,
  );
}

/** The example is taken by the program as it is. */
function environment(assert) {
  const lines = textOf('infra/systemd/mining-proxy.env.example').split('\n');
  const set = lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split('='));
  const program = resolve(root, 'dist/apps/proxy/main.js');
  const env = { PATH: process.env.PATH, ...Object.fromEntries(set) };
  assert.equal(output(process.execPath, [program, '--check-config'], { env }), 'configuration ok\n');
}

/** The socket, and the template for several processes, which says what the unit says but for its own number. */
function moreUnits(assert, directory) {
  for (const file of ['mining-proxy.socket', 'mining-proxy@.service']) {
    output('cp', [`infra/systemd/${file}`, `${directory}/`]);
  }
  const instance = join(directory, 'mining-proxy@1.service');
  copyFileSync(join(directory, 'mining-proxy@.service'), instance);
  verified(assert, instance);
  const { stderr } = attempt('systemd-analyze', [
    'verify',
    '--man=no',
    join(directory, 'mining-proxy.socket'),
  ]);
  assert.equal(stderr, '');
  const bare = (file) =>
    textOf(`infra/systemd/${file}`)
      .split('\n')
      .filter(
        (line) =>
          !/^(#|Description=|Environment=(DATA_DIR|METRICS_PORT|INSTANCE_ID)|EnvironmentFile=-.*-%i)/.test(
            line,
          ),
      )
      .map((line) => line.replaceAll('-%i', ''));
  assert.deepEqual(bare('mining-proxy@.service'), bare(UNIT));
}

/** systemd's own tool hands the socket over, and a datagram socket hears what the service says of itself. */
async function activated(assert, directory) {
  const [port, httpPort] = [await freePort(), await freePort()];
  const heard = join(directory, 'heard');
  const notify = join(directory, 'notify.sock');
  const programs = [];
  try {
    const listener = spawn('perl', ['-MSocket', '-e', HEAR, notify, heard]);
    programs.push(listener);
    await eventually('the notification socket is there', () => existsSync(notify));
    const environment = {
      ...{ NOTIFY_SOCKET: notify, WATCHDOG_USEC: '1000000', POOL_HOST: '127.0.0.1', POOL_PORT: '1' },
      ...{ BIND_ADDRESS: '127.0.0.1', BIND_PORT: String(port), DATA_DIR: join(directory, 'data') },
      ...{ METRICS_BIND_ADDRESS: '127.0.0.1', METRICS_PORT: String(httpPort), LOG_LEVEL: 'warn' },
    };
    const handed = Object.entries(environment).map(([name, value]) => `--setenv=${name}=${value}`);
    const program = [process.execPath, resolve(root, 'dist/apps/proxy/main.js')];
    const service = spawn('systemd-socket-activate', [`--listen=127.0.0.1:${port}`, ...handed, ...program]);
    programs.push(service);
    // It starts the service at the first connection.
    await eventually('the service is ready', async () => {
      connect(port, '127.0.0.1')
        .on('error', () => undefined)
        .unref();
      return (await fetch(`http://127.0.0.1:${httpPort}/readyz`)).ok;
    });
    await eventually('the watchdog is fed', () => readFileSync(heard, 'utf8').includes('WATCHDOG=1'));
    const ended = new Promise((done) => service.once('close', done));
    service.kill('SIGTERM');
    assert.equal(await ended, 0);
    const said = readFileSync(heard, 'utf8');
    for (const message of ['READY=1', 'STATUS=serving miners on 1 listeners', 'STOPPING=1'])
      assert.ok(said.includes(message), said);
  } finally {
    for (const program of programs) program.kill('SIGKILL');
  }
}
