import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { ConfigError } from './config-error';
import { loadConfig } from './load-config';

const POOLS = [{ name: 'eu', host: 'eu.example.com', port: 3333 }];

describe('listeners and pools', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'config-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  const file = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const load = (content: object, env: NodeJS.ProcessEnv = {}) =>
    loadConfig({ CONFIG_FILE: file('config.json', JSON.stringify(content)), ...env });
  const faults = (content: object, env: NodeJS.ProcessEnv = {}) => {
    try {
      load(content, env);
    } catch (error) {
      if (error instanceof ConfigError)
        return error.faults.map(({ path, expected }) => `${path}: ${expected}`);
      throw error;
    }
    return [];
  };
  const pair = async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'proxy.test' }]);
    return { cert, key };
  };

  it('are one listener and one pool where only the short form is given', () => {
    const { listeners, pools } = loadConfig({ POOL_HOST: 'a.example.com', POOL_PORT: '1', BIND_PORT: '2' });
    expect(listeners).toMatchObject([{ name: 'default', bindAddress: '0.0.0.0', bindPort: 2, pools: null }]);
    expect(pools).toMatchObject([{ name: 'default', host: 'a.example.com', port: 1, priority: 0 }]);
  });

  it('are read with all that they say', async () => {
    const { cert, key } = await pair();
    const tls = {
      cert_file: file('cert', cert),
      key_file: file('key', key),
      client_ca_file: file('ca', cert),
    };
    const { listeners, pools, failover } = load({
      pools: [
        ...POOLS,
        {
          name: 'us',
          host: '2001:db8::1',
          port: 4444,
          priority: 1,
          weight: 3,
          enabled: false,
          algorithm: 'scrypt',
          proxy_protocol: 'v2',
          tls: { server_name: 'us.example.com', fingerprint_sha256: 'AB:'.repeat(31) + 'ab', verify: true },
          health: { kind: 'stratum', interval_ms: 1_000, timeout_ms: 2_000, fall: 1, rise: 5 },
        },
      ],
      listeners: [
        { name: 'plain', bind_port: 3333 },
        {
          name: 'tls',
          bind_address: '127.0.0.1',
          bind_port: 3334,
          client_id: 'acme',
          pools: ['us', 'eu'],
          algorithm: 'scrypt',
          tls,
          proxy_protocol: { trusted_cidrs: ['10.0.0.0/8', '192.0.2.1'] },
        },
      ],
      failover: { on_down: 'close', failback: 'drain', failover_spread_ms: 1, no_pool_delay_ms: 2 },
    });
    expect(pools[1]).toMatchObject({
      enabled: false,
      proxyProtocol: 'v2',
      tls: { serverName: 'us.example.com', caFile: null },
      health: { kind: 'stratum', rise: 5 },
    });
    expect(listeners[1]).toMatchObject({
      clientId: 'acme',
      pools: ['us', 'eu'],
      tls: { clientCaFile: tls.client_ca_file },
      proxyProtocol: { trustedCidrs: ['10.0.0.0/8', '192.0.2.1/32'] },
    });
    expect(failover).toEqual({ onDown: 'close', failback: 'drain', failoverSpreadMs: 1, noPoolDelayMs: 2 });
  });

  it('name every key of the short form that stands beside their list', () => {
    const content = {
      proxy: { bind_port: 1, pool_host: 'a' },
      pools: POOLS,
      listeners: [{ name: 'a', bind_port: 5 }],
    };
    expect(faults(content, { POOL_PORT: '7', BIND_ADDRESS: '::' }).sort()).toEqual(
      [
        'BIND_ADDRESS: must not be given beside `listeners`',
        'POOL_PORT: must not be given beside `pools`',
        'proxy.bind_port: must not be given beside `listeners`',
        'proxy.pool_host: must not be given beside `pools`',
      ].map((fault) => expect.stringContaining(fault) as string),
    );
  });

  it('are refused with every fault at once', () => {
    const found = faults({
      pools: [...POOLS, { name: 'eu', host: 'eu.example.com', port: 3333, health: { kind: 'http' } }],
      listeners: [
        { name: 'a', bind_port: 1, pools: [] },
        { name: 'a', bind_port: 1, pools: ['eu', 'asia'], proxy_protocl: {} },
        { name: 'c', bind_address: '127.0.0.1', bind_port: 1, proxy_protocol: { trusted_cidrs: [] } },
      ],
    });
    expect(found.sort()).toEqual([
      expect.stringMatching(/^listeners\[0\]\.pools: must be a list of at least one/),
      expect.stringMatching(
        /^listeners\[1\]\.bind_port: must be a port of its own; listeners\[0\] has the same/,
      ),
      expect.stringMatching(/^listeners\[1\]\.name: must be unique/),
      expect.stringMatching(/^listeners\[1\]\.pools\[1\]: must be the name of a pool: eu/),
      expect.stringMatching(/^listeners\[1\]\.proxy_protocl: unknown key; did you mean `proxy_protocol`\?/),
      expect.stringMatching(/^listeners\[2\]\.bind_port: must be a port of its own/),
      expect.stringMatching(/^listeners\[2\]\.proxy_protocol\.trusted_cidrs: must be a list of at least one/),
      expect.stringMatching(/^pools\[1\]\.health\.kind: must be one of tcp, stratum/),
      expect.stringMatching(/^pools\[1\]\.name: must be unique; pools\[0\]/),
      expect.stringMatching(/^pools\[1\]\.port: must be unique; pools\[0\] has the same host and port/),
    ]);
  });

  it.each(['listeners', 'pools'])('are refused where %s is empty or no list', (list) => {
    for (const wrong of [[], {}, 'eu', null, 7]) {
      expect(faults({ proxy: { pool_host: 'a', pool_port: 1 }, [list]: wrong })).toContainEqual(
        expect.stringMatching(new RegExp(`^${list}: must be a list of at least one object`)),
      );
    }
  });

  it('do not take the port of the HTTP side', () => {
    const listeners = [{ name: 'a', bind_port: 9090 }];
    expect(faults({ pools: POOLS, listeners })).toEqual([
      expect.stringMatching(/^listeners\[0\]\.bind_port: .*`proxy\.metrics_port`/),
    ]);
    const elsewhere = {
      proxy: { metrics_port: 3333 },
      pools: POOLS,
      listeners: [{ name: 'a', bind_port: 1 }],
    };
    expect(faults(elsewhere)).toEqual([]);
  });

  it('are refused with a key of another certificate, and with files that are none', async () => {
    const [one, other] = [await pair(), await pair()];
    const withTls = (tls: object) => faults({ pools: POOLS, listeners: [{ name: 'a', bind_port: 1, tls }] });
    const cert_file = file('cert', one.cert);
    const key_file = file('key', one.key);
    expect(withTls({ cert_file, key_file })).toEqual([]);
    expect(withTls({ cert_file, key_file: file('other', other.key) })).toEqual([
      expect.stringMatching(/^listeners\[0\]\.tls\.key_file: .*key of another one/),
    ]);
    expect(withTls({ cert_file, key_file: cert_file })).toEqual([
      expect.stringMatching(/^listeners\[0\]\.tls\.key_file: must hold a private key in PEM/),
    ]);
    expect(withTls({ cert_file: key_file, key_file, client_ca_file: key_file })).toEqual([
      expect.stringMatching(/^listeners\[0\]\.tls\.client_ca_file: must hold certificates in PEM/),
      expect.stringMatching(/^listeners\[0\]\.tls\.cert_file: must hold a certificate in PEM/),
    ]);
    expect(withTls({ cert_file: directory, key_file: join(directory, 'none') })).toEqual([
      expect.stringMatching(/^listeners\[0\]\.tls\.cert_file: .*it is a directory/),
      expect.stringMatching(/^listeners\[0\]\.tls\.key_file: .*there is no such file/),
    ]);
    expect(withTls({})).toEqual([
      expect.stringMatching(/^listeners\[0\]\.tls\.cert_file: must be the path of a file/),
      expect.stringMatching(/^listeners\[0\]\.tls\.key_file: must be the path of a file/),
    ]);
  });

  it('are refused with a fingerprint of the wrong length, and with an authority that cannot be read', () => {
    const tls = { fingerprint_sha256: 'ab'.repeat(20), ca_file: join(directory, 'none') };
    expect(faults({ pools: [{ ...POOLS[0], tls }] })).toEqual([
      expect.stringMatching(/^pools\[0\]\.tls\.fingerprint_sha256: .*64 hexadecimal digits.*these are 40/),
      expect.stringMatching(/^pools\[0\]\.tls\.ca_file: .*there is no such file/),
    ]);
  });
});
