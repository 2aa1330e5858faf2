import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  connectMiner,
  describeUnless,
  freePort,
  logIn,
  playPool,
  type ProxyProcess,
  type RawMinerOptions,
  type SimulatedPool,
  until,
} from '@mining-proxy/e2e-support';
import { BillingStage } from '../billing/support/billing-stage';
import { expectAgreement, tallyAtRest } from '../support/agreement';
import { accepts, ForeignPrograms, missing } from './support/foreign-programs';

const NGINX_STREAM = '/usr/lib/nginx/modules/ngx_stream_module.so';
const FLEET = { accounts: 2, 'rigs-per-account': 2, fast: true, shares: 200, 'no-reconnect': true };

/** Guards against understanding TLS and the PROXY protocol in a way of our own. */
describe('peers that others wrote', () => {
  const stage = new BillingStage();
  const programs = new ForeignPrograms();
  let directory: string;

  beforeEach(() => (directory = stage.directory()));
  afterEach(async () => {
    await programs.end();
    await stage.clear();
  });

  const playing = () => stage.rawPool({ greets: (peer) => playPool(peer) });
  const fastPool = () => stage.simulatedPool({ difficulty: 1e-8 });

  /** Made by openssl: neither end's own code has a part in it. */
  function certificate(): { cert: string; key: string } {
    const files = { cert: join(directory, 'a.crt'), key: join(directory, 'a.key') };
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const subject = ['-days', '30', '-subj', '/CN=proxy.test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const out = ['-keyout', files.key, '-out', files.cert];
    execFileSync('openssl', [...request, ...subject, ...out], { stdio: 'ignore' });
    return files;
  }

  const local = { bind_address: '127.0.0.1', bind_port: 0 };
  const behindBalancer = { name: 'lb', ...local, proxy_protocol: { trusted_cidrs: ['127.0.0.1'] } };

  /** A miner that comes to `port` from an address of its own has a session under that address. */
  async function expectKnownByAddress(
    proxy: ProxyProcess,
    port: number,
    options: RawMinerOptions = {},
  ): Promise<void> {
    const miner = await connectMiner(port, { ...options, localAddress: '127.0.0.5' });
    await logIn(miner, 'acme.rig1');
    const { sessions } = await proxy.json('/sessions');
    // Beside it there may be the connection with which this test looked whether the program is there.
    const source = expect.stringMatching(/^127\.0\.0\.5:/) as string;
    expect(sessions).toContainEqual(expect.objectContaining({ listener: 'lb', source, client_id: 'acme' }));
    miner.destroy();
  }

  /** Miners that come to `port` have their shares counted as the pool counts them. */
  async function expectCounted(proxy: ProxyProcess, port: number, pool: SimulatedPool): Promise<void> {
    const mined = await stage.simulatedMiners(port, FLEET).summary();
    const page = await proxy.atRest();
    expectAgreement(page, await tallyAtRest(pool), mined);
    expect(page.value('stratum_accepted_shares_total')).toBe(FLEET.shares);
  }

  describeUnless(missing('haproxy openssl', 'haproxy', 'openssl'), 'HAProxy', () => {
    /** One thread that takes connections as `bind` says and passes them on as `server` does. */
    async function haproxy(bind: (port: number) => string, server: string): Promise<number> {
      const port = await freePort();
      const file = join(directory, `haproxy-${port}.cfg`);
      const times = 'timeout connect 5s\n  timeout client 1m\n  timeout server 1m';
      writeFileSync(
        file,
        `global\n  nbthread 1\ndefaults\n  mode tcp\n  ${times}\nlisten x\n  bind ${bind(port)}\n  server y ${server}\n`,
      );
      await programs.listening(port, 'haproxy', '-db', '-f', file);
      return port;
    }

    it.each(['send-proxy', 'send-proxy-v2'])('before us tells whose a connection is (%s)', async (how) => {
      const pool = await playing();
      const proxy = await stage.proxy({ poolPort: pool.port, listeners: [behindBalancer] });
      const port = await haproxy((at) => `127.0.0.1:${at}`, `127.0.0.1:${proxy.minerPort} ${how}`);
      await expectKnownByAddress(proxy, port);
    });

    it.each(['v1', 'v2'])('behind us takes TLS with a PROXY header %s in front', async (version) => {
      const pool = await playing();
      const { cert, key } = certificate();
      const both = join(directory, 'both.pem');
      writeFileSync(both, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'));
      const front = await haproxy(
        (at) => `127.0.0.1:${at} ssl crt ${both} accept-proxy`,
        `127.0.0.1:${pool.port}`,
      );
      const tls = { ca_file: cert };
      const proxy = await stage.proxy({
        poolPort: front,
        pools: [{ name: 'front', host: '127.0.0.1', port: front, tls, proxy_protocol: version }],
      });
      await logIn(await stage.miner(proxy), 'acme.rig1');
      const page = await proxy.metrics();
      expect(page.value('stratum_pool_dials_total', { outcome: 'ok' })).toBeGreaterThan(0);
    });
  });

  describeUnless(
    missing('nginx-core libnginx-mod-stream openssl', 'nginx', NGINX_STREAM, 'openssl'),
    'nginx',
    () => {
      /** One process whose stream module takes connections as `listen` says; what else it does is in `lines`. */
      async function nginx(listen: string, ...lines: readonly string[]): Promise<number> {
        const port = await freePort();
        const file = join(directory, `nginx-${port}.conf`);
        const whole = [
          `load_module ${NGINX_STREAM};`,
          `daemon off; master_process off; pid ${join(directory, `nginx-${port}.pid`)}; error_log stderr;`,
          'events { worker_connections 64; }',
          `stream { server { listen 127.0.0.1:${port} ${listen}; ${lines.join(' ')} } }`,
        ];
        writeFileSync(file, `${whole.join('\n')}\n`);
        await programs.listening(port, 'nginx', '-p', directory, '-e', 'stderr', '-c', file);
        return port;
      }

      it('before us tells whose a connection is', async () => {
        const pool = await playing();
        const proxy = await stage.proxy({ poolPort: pool.port, listeners: [behindBalancer] });
        const port = await nginx('', `proxy_pass 127.0.0.1:${proxy.minerPort};`, 'proxy_protocol on;');
        await expectKnownByAddress(proxy, port);
      });

      it('before us changes nothing in what is counted', async () => {
        const pool = await fastPool();
        const proxy = await stage.proxy({ poolPort: pool.port, listeners: [behindBalancer] });
        const port = await nginx('', `proxy_pass 127.0.0.1:${proxy.minerPort};`, 'proxy_protocol on;');
        await expectCounted(proxy, port, pool);
      });

      it.each(['v1', 'v2'])('behind us takes TLS with a PROXY header %s in front', async (version) => {
        const pool = await fastPool();
        const { cert, key } = certificate();
        const files = [`ssl_certificate ${cert};`, `ssl_certificate_key ${key};`];
        const front = await nginx('ssl proxy_protocol', `proxy_pass 127.0.0.1:${pool.port};`, ...files);
        const tls = { ca_file: cert };
        const proxy = await stage.proxy({
          poolPort: front,
          pools: [{ name: 'front', host: '127.0.0.1', port: front, tls, proxy_protocol: version }],
        });
        await expectCounted(proxy, proxy.minerPort, pool);
      });
    },
  );

  describeUnless(missing('stunnel4 openssl', 'stunnel', 'openssl'), 'stunnel', () => {
    /** One service that connects to `target`, with further lines of its configuration. */
    async function stunnel(target: number, ...lines: readonly string[]): Promise<number> {
      const port = await freePort();
      const file = join(directory, `stunnel-${port}.conf`);
      const service = ['[x]', `accept = 127.0.0.1:${port}`, `connect = 127.0.0.1:${target}`, ...lines];
      writeFileSync(file, ['foreground = yes', 'syslog = no', 'pid =', ...service, ''].join('\n'));
      await programs.listening(port, 'stunnel', file);
      return port;
    }

    it('before a TLS listener verifies its certificate, and shares are counted', async () => {
      const pool = await fastPool();
      const { cert, key } = certificate();
      const tls = { cert_file: cert, key_file: key };
      const proxy = await stage.proxy({ poolPort: pool.port, listeners: [{ name: 'tls', ...local, tls }] });
      const verified = ['verifyChain = yes', 'checkIP = 127.0.0.1', `CAfile = ${cert}`];
      const port = await stunnel(proxy.minerPort, 'client = yes', ...verified);
      await expectCounted(proxy, port, pool);
    });

    it('before the pool is verified by us, and shares are counted', async () => {
      const pool = await fastPool();
      const { cert, key } = certificate();
      const port = await stunnel(pool.port, `cert = ${cert}`, `key = ${key}`);
      const proxy = await stage.proxy({
        poolPort: port,
        pools: [{ name: 'front', host: '127.0.0.1', port, tls: { ca_file: cert } }],
      });
      await expectCounted(proxy, proxy.minerPort, pool);
    });

    it('that ends TLS before us tells whose a connection is', async () => {
      const pool = await playing();
      const { cert, key } = certificate();
      const proxy = await stage.proxy({ poolPort: pool.port, listeners: [behindBalancer] });
      const port = await stunnel(proxy.minerPort, `cert = ${cert}`, `key = ${key}`, 'protocol = proxy');
      await expectKnownByAddress(proxy, port, { authority: readFileSync(cert, 'utf8') });
    });
  });

  describeUnless(missing('openssl', 'openssl'), 'openssl', () => {
    let files: { cert: string; key: string };
    beforeEach(() => (files = certificate()));

    it('s_client speaks to a listener, and verifies its certificate', async () => {
      const pool = await playing();
      const tls = { cert_file: files.cert, key_file: files.key };
      const proxy = await stage.proxy({
        poolPort: pool.port,
        listeners: [{ name: 'tls', ...local, tls }],
      });
      const target = `127.0.0.1:${proxy.minerPort}`;
      const client = programs.run(
        'openssl',
        's_client',
        '-quiet',
        '-verify_return_error',
        '-CAfile',
        files.cert,
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

    it('s_server is a pool, and one whose certificate is another is refused with what came', async () => {
      const port = await freePort();
      const shown = ['-cert', files.cert, '-key', files.key];
      const server = programs.run('openssl', 's_server', '-quiet', '-accept', String(port), ...shown);
      let heard = '';
      server.stdout.on('data', (text: Buffer) => (heard += text.toString()));
      await until('s_server listens', () => accepts(port));
      const pinned = { fingerprint_sha256: 'ab'.repeat(32) };
      const proxy = await stage.proxy({
        poolPort: port,
        pools: [{ name: 'open', host: '127.0.0.1', port, tls: { ca_file: files.cert } }],
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
});
