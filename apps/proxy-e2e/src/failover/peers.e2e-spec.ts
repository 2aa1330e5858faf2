import { execFileSync, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { BillingStage } from '../billing/support/billing-stage';
import { describeUnless } from '../billing/support/skipping';
import { connectMiner } from '../support/raw-miner';
import { freePort } from '../support/raw-pool';
import { logIn, playPool } from '../support/stratum';
import { until } from '../support/wait';

/** Why these tests cannot run; undefined where all of the programs are there. */
function missing(...programs: readonly string[]): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  const absent = programs.filter((name) => !directories.some((path) => existsSync(join(path, name))));
  return absent.length === 0
    ? undefined
    : `${absent.join(' and ')} not installed (apt-get install haproxy openssl)`;
}

/** Guards against understanding TLS and the PROXY protocol in a way of our own. */
describeUnless(missing('haproxy', 'openssl'), 'peers that others wrote', () => {
  const stage = new BillingStage();
  const children: ChildProcessWithoutNullStreams[] = [];
  let directory: string;
  let certificate: { cert: string; key: string };

  beforeEach(() => {
    directory = stage.directory();
    certificate = { cert: join(directory, 'a.crt'), key: join(directory, 'a.key') };
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const subject = ['-days', '30', '-subj', '/CN=proxy.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', certificate.key, '-out', certificate.cert];
    execFileSync('openssl', [...request, ...subject, ...files], { stdio: 'ignore' });
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    }
    await stage.clear();
  });

  const playing = () => stage.rawPool({ greets: (peer) => playPool(peer) });

  function run(program: string, ...args: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn(program, args, { env: { PATH: `${process.env.PATH}:/usr/sbin` } });
    children.push(child);
    return child;
  }

  async function accepts(port: number): Promise<void> {
    await until(`something listens on ${port}`, async () => {
      const socket = connect(port, '127.0.0.1');
      const isUp = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      });
      socket.destroy();
      return isUp;
    });
  }

  /** One thread that takes connections as `bind` says and passes them on as `server` does. */
  async function haproxy(bind: (port: number) => string, server: string): Promise<number> {
    const port = await freePort();
    const file = join(directory, `haproxy-${port}.cfg`);
    const times = 'timeout connect 5s\n  timeout client 1m\n  timeout server 1m';
    writeFileSync(
      file,
      `global\n  nbthread 1\ndefaults\n  mode tcp\n  ${times}\nlisten x\n  bind ${bind(port)}\n  server y ${server}\n`,
    );
    run('haproxy', '-db', '-f', file);
    await accepts(port);
    return port;
  }

  it.each(['send-proxy', 'send-proxy-v2'])(
    'HAProxy before us tells whose a connection is (%s)',
    async (how) => {
      const pool = await playing();
      const proxy = await stage.proxy({
        poolPort: pool.port,
        listeners: [
          {
            name: 'lb',
            bind_address: '127.0.0.1',
            bind_port: 0,
            proxy_protocol: { trusted_cidrs: ['127.0.0.1'] },
          },
        ],
      });
      const port = await haproxy((at) => `127.0.0.1:${at}`, `127.0.0.1:${proxy.minerPort} ${how}`);
      const miner = await connectMiner(port, { localAddress: '127.0.0.5' });
      await logIn(miner, 'acme.rig1');
      const { sessions } = (await proxy.json('/sessions')) as {
        sessions: { source: string; listener: string }[];
      };
      // Beside it there may be the connection with which this test looked whether HAProxy is there.
      const source = expect.stringMatching(/^127\.0\.0\.5:/) as string;
      expect(sessions).toContainEqual(expect.objectContaining({ listener: 'lb', source, client_id: 'acme' }));
      miner.destroy();
    },
  );

  it.each([
    ['v1', 'accept-proxy'],
    ['v2', 'accept-proxy'],
  ])('HAProxy behind us takes TLS with a PROXY header %s in front', async (version, how) => {
    const pool = await playing();
    const both = join(directory, 'both.pem');
    writeFileSync(both, readFileSync(certificate.cert, 'utf8') + readFileSync(certificate.key, 'utf8'));
    const front = await haproxy((at) => `127.0.0.1:${at} ssl crt ${both} ${how}`, `127.0.0.1:${pool.port}`);
    const tls = { ca_file: certificate.cert };
    const proxy = await stage.proxy({
      poolPort: front,
      pools: [{ name: 'front', host: '127.0.0.1', port: front, tls, proxy_protocol: version }],
    });
    await logIn(await stage.miner(proxy), 'acme.rig1');
    const page = await proxy.metrics();
    expect(page.value('stratum_pool_dials_total', { outcome: 'ok' })).toBeGreaterThan(0);
  });

  it('openssl s_client speaks to a listener, and verifies its certificate', async () => {
    const pool = await playing();
    const tls = { cert_file: certificate.cert, key_file: certificate.key };
    const proxy = await stage.proxy({
      poolPort: pool.port,
      listeners: [{ name: 'tls', bind_address: '127.0.0.1', bind_port: 0, tls }],
    });
    const target = `127.0.0.1:${proxy.minerPort}`;
    const client = run(
      'openssl',
      's_client',
      '-quiet',
      '-verify_return_error',
      '-CAfile',
      certificate.cert,
      '-connect',
      target,
    );
    let said = '';
    client.stdout.on('data', (text: Buffer) => (said += text.toString()));
    client.stdin.write('{"id":1,"method":"mining.subscribe","params":[]}\n');
    await until('an answer', () => said.includes('08000002'));
    const page = await proxy.metrics();
    expect(page.value('stratum_certificate_expiry_timestamp_seconds', { listener: 'tls' })).toBeGreaterThan(
      Date.now() / 1000 + 29 * 86_400,
    );
  });

  it('openssl s_server is a pool, and one whose certificate is another is refused with what came', async () => {
    const port = await freePort();
    const files = ['-cert', certificate.cert, '-key', certificate.key];
    const server = run('openssl', 's_server', '-quiet', '-accept', String(port), ...files);
    let heard = '';
    server.stdout.on('data', (text: Buffer) => (heard += text.toString()));
    await accepts(port);
    const pinned = { fingerprint_sha256: 'ab'.repeat(32) };
    const proxy = await stage.proxy({
      poolPort: port,
      pools: [{ name: 'open', host: '127.0.0.1', port, tls: { ca_file: certificate.cert } }],
    });
    const miner = await stage.miner(proxy);
    miner.write('{"id":1}\n');
    await until('the line at the pool', () => heard.includes('{"id":1}'));
    miner.destroy();
    await proxy.atRest();
    const trusting = await stage.proxy({
      poolPort: port,
      pools: [{ name: 'open', host: '127.0.0.1', port, tls: { verify: false } }],
    });
    expect(
      await trusting.logged(
        'the certificate of this pool is not verified: whoever is on the way can read and change all',
      ),
    ).toMatchObject({ level: 'warn', pool: 'open' });
    const strict = await stage.proxy({
      poolPort: port,
      pools: [{ name: 'open', host: '127.0.0.1', port, tls: pinned }],
    });
    await (await stage.miner(strict)).hungUpOn();
    expect(await strict.logged('session closed')).toMatchObject({
      side: 'upstream',
      code: 'TLS_UNVERIFIED',
      cause: expect.stringMatching(
        /expected the certificate with SHA-256 abab.*came one for IP Address:127\.0\.0\.1/,
      ) as string,
    });
  });
});
