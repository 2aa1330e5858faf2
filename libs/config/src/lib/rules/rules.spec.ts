import { ConfigError } from '../config-error';
import { loadConfig } from '../load-config';
import { readSection } from '../read-section';
import { ClientSettings } from '../sections/client.settings';
import { IdentitySettings } from '../sections/identity.settings';
import { ProxySettings } from '../sections/proxy.settings';
import type { ConfigFault } from '../config-error';
import type { SectionClass } from '../setting';

function faultsOf(Section: SectionClass, content: object): readonly ConfigFault[] {
  const faults: ConfigFault[] = [];
  readSection(Section, { path: 'section', content, env: {} }, faults);
  return faults;
}

const proxy = (content: object) =>
  faultsOf(ProxySettings, { pool_host: 'pool.example.com', pool_port: 3333, ...content });
const client = (content: object) => faultsOf(ClientSettings, { client_id: 'acme', ...content });

const DURATIONS = [
  'connection_timeout_ms',
  'idle_timeout_ms',
  'login_timeout_ms',
  'slow_peer_timeout_ms',
  'drain_timeout_ms',
  'close_grace_ms',
  'job_timeout_ms',
  'usage_interval_ms',
];

const HOSTS = ['bind_address', 'metrics_bind_address', 'pool_host'];

describe('the rules of section proxy', () => {
  it('algorithm is one whose unit of difficulty is known', () => {
    for (const right of ['sha256d', 'scrypt', 'x16r']) expect(proxy({ algorithm: right })).toEqual([]);
    for (const wrong of ['SHA256', 'sha-256', 'toString', '', 32, null]) {
      expect(proxy({ algorithm: wrong })).toMatchObject([{ path: 'section.algorithm' }]);
    }
  });

  it('inspection is on or off, in no other words', () => {
    for (const right of [true, false]) expect(proxy({ inspection: right })).toEqual([]);
    for (const wrong of ['off', 'true', 0, null]) {
      expect(proxy({ inspection: wrong })).toMatchObject([{ path: 'section.inspection' }]);
    }
  });

  it.each(['bind_port', 'metrics_port'])('%s is a port, or 0', (key) => {
    for (const right of [0, 1, 65_535]) expect(proxy({ [key]: right })).toEqual([]);
    for (const wrong of [-1, 65_536, 1.5, '3333', null, true, [], {}]) {
      expect(proxy({ [key]: wrong })).toMatchObject([{ path: `section.${key}` }]);
    }
  });

  it('pool_port is a port, and not 0', () => {
    for (const right of [1, 65_535]) expect(proxy({ pool_port: right })).toEqual([]);
    for (const wrong of [0, 65_536, '3333', null]) expect(proxy({ pool_port: wrong })).toHaveLength(1);
  });

  it.each(DURATIONS)('%s is a duration that a timer can wait', (key) => {
    expect(proxy({ [key]: 1 })).toEqual([]);
    if (key !== 'close_grace_ms') expect(proxy({ [key]: 2_147_483_647 })).toEqual([]);
    for (const wrong of [0, -1, 0.5, 2_147_483_648, '1', null]) {
      expect(proxy({ [key]: wrong })).toMatchObject([{ path: `section.${key}` }]);
    }
  });

  it('max_connections and max_line_bytes have floors', () => {
    expect(proxy({ max_connections: 1, max_line_bytes: 1024 })).toEqual([]);
    expect(proxy({ max_connections: 0 })).toHaveLength(1);
    expect(proxy({ max_line_bytes: 1023 })).toHaveLength(1);
  });

  it.each(HOSTS)('%s is a host name or an IP address', (key) => {
    for (const right of [
      'pool.example.com',
      'pool.example.com.',
      'localhost',
      'pool_sim',
      'a-b.c1',
      '203.0.113.7',
      '::',
      '2001:db8::1',
    ]) {
      expect(proxy({ [key]: right })).toEqual([]);
    }
    const wrongs = [
      '',
      ' ',
      'a b',
      '-a',
      'a-',
      'a..b',
      '.',
      '10.0.0.256',
      '1.2.3',
      'x'.repeat(64),
      `${'x.'.repeat(127)}x.y`,
      5,
      null,
      [],
    ];
    for (const wrong of wrongs) {
      expect(proxy({ [key]: wrong })).toMatchObject([{ path: `section.${key}` }]);
    }
  });

  it.each([
    ['stratum+tcp://pool.example.com:3333', 'leave the scheme and the port out'],
    ['stratum+ssl://pool.example.com', 'leave the scheme and the port out'],
    ['pool.example.com:3333', 'leave the port out'],
    ['[2001:db8::1]', 'leave the brackets out'],
  ])('pool_host %s gets a hint', (host, hint) => {
    expect(proxy({ pool_host: host })[0]!.expected).toContain(hint);
  });

  it.each(['admin_token', 'metrics_token'])('%s is null or long enough to be a secret', (key) => {
    for (const right of [null, 'x'.repeat(16), '!'.repeat(200)]) expect(proxy({ [key]: right })).toEqual([]);
    for (const wrong of [
      'x'.repeat(15),
      `${'x'.repeat(16)} y`,
      `${'x'.repeat(16)}\n`,
      'é'.repeat(16),
      '',
      1234567890123456,
      {},
    ]) {
      expect(proxy({ [key]: wrong })).toEqual([
        { path: `section.${key}`, expected: expect.stringContaining('16') as string },
      ]);
    }
  });

  it('log_level is one of the logger', () => {
    for (const right of ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      expect(proxy({ log_level: right })).toEqual([]);
    for (const wrong of ['INFO', 'verbose', '', 30, null])
      expect(proxy({ log_level: wrong })).toHaveLength(1);
  });

  it('data_dir and instance_id are not empty', () => {
    expect(proxy({ data_dir: '/var/lib/proxy', instance_id: 'eu-1' })).toEqual([]);
    for (const wrong of ['', 'a\0b', null, 1]) expect(proxy({ data_dir: wrong })).toHaveLength(1);
    for (const wrong of ['', ' a', 'a\nb', 'x'.repeat(129), null, 1])
      expect(proxy({ instance_id: wrong })).toHaveLength(1);
  });

  it('close_grace_ms is not above drain_timeout_ms', () => {
    expect(proxy({ drain_timeout_ms: 1000, close_grace_ms: 1000 })).toEqual([]);
    expect(proxy({ drain_timeout_ms: 1000, close_grace_ms: 1001 })).toEqual([
      {
        path: 'section.close_grace_ms',
        expected: 'must not be above `drain_timeout_ms`, which is 1000',
        got: '1001',
      },
    ]);
  });

  it('the default of close_grace_ms gives way to a shorter drain_timeout_ms', () => {
    const env = { POOL_HOST: 'pool.example.com', POOL_PORT: '3333', DRAIN_TIMEOUT_MS: '500' };

    expect(loadConfig(env).proxy.closeGraceMs).toBe(500);
    expect(() => loadConfig({ ...env, DRAIN_TIMEOUT_MS: '0' })).toThrow(/^configuration: DRAIN_TIMEOUT_MS: /);
  });

  it.each([
    [{ bind_port: 9090 }, 1],
    [{ bind_port: 9090, bind_address: '::', metrics_bind_address: '127.0.0.1' }, 1],
    [{ bind_port: 9090, bind_address: '192.0.2.1', metrics_bind_address: '192.0.2.1' }, 1],
    [{ bind_port: 9090, bind_address: '192.0.2.1', metrics_bind_address: '127.0.0.1' }, 0],
    [{ bind_port: 0, metrics_port: 0 }, 0],
  ])('the two ports differ unless their addresses do: %j', (content, faults) => {
    expect(proxy(content)).toHaveLength(faults);
  });
});

describe('the rules of the environment', () => {
  it.each(['0x10', '1e3', '10.5', '+5', ' 5', '5 ', '007', '5_0', 'five', '-', 'NaN'])(
    '%j is no number',
    (text) => {
      const load = () => loadConfig({ POOL_HOST: 'a', POOL_PORT: '1', MAX_CONNECTIONS: text });

      expect(load).toThrow(ConfigError);
      expect(load).toThrow(
        /^configuration: MAX_CONNECTIONS: must be a whole number from 1 to 1000000 \(got "/,
      );
    },
  );
});

describe('the rules of section identity', () => {
  it('fallback is one of four words', () => {
    for (const right of ['account', 'worker', 'source_ip', 'unassigned'])
      expect(faultsOf(IdentitySettings, { fallback: right })).toEqual([]);
    for (const wrong of ['', 'Account', null, 1])
      expect(faultsOf(IdentitySettings, { fallback: wrong })).toHaveLength(1);
  });

  it('max_clients is a positive number', () => {
    expect(faultsOf(IdentitySettings, { max_clients: 1 })).toEqual([]);
    for (const wrong of [0, 1.5, '1000', null])
      expect(faultsOf(IdentitySettings, { max_clients: wrong })).toHaveLength(1);
  });
});

describe('the rules of a client', () => {
  it('client_id is a name, and none that metrics use for others', () => {
    for (const right of ['acme', 'Acme Ltd.', 'x'.repeat(128), 'Überlingen'])
      expect(client({ client_id: right })).toEqual([]);
    for (const wrong of [
      '',
      'unassigned',
      'overflow',
      'login:acme',
      'x'.repeat(129),
      ' acme',
      'acme ',
      'a\u001bb',
      null,
      5,
    ]) {
      expect(client({ client_id: wrong })).toMatchObject([{ path: 'section.client_id' }]);
    }
    expect(faultsOf(ClientSettings, {})).toMatchObject([{ path: 'section.client_id' }]);
  });

  it('source_cidrs are blocks of addresses', () => {
    for (const right of [
      '10.0.0.0/8',
      '10.1.2.3/8',
      '0.0.0.0/0',
      '203.0.113.7',
      '2001:db8::/32',
      '::1',
      '::/0',
    ]) {
      expect(client({ source_cidrs: [right] })).toEqual([]);
    }
    for (const wrong of [
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0/8',
      '10.0.0.0/08',
      '10.0.0.0/-1',
      '10.0.0.0/8/8',
      '::/129',
      'fe80::1%eth0',
      'acme',
      '',
      5,
      null,
    ]) {
      expect(client({ source_cidrs: ['10.0.0.0/8', wrong] })).toMatchObject([
        { path: 'section.source_cidrs[1]' },
      ]);
    }
  });

  it('a single address is a block of one', () => {
    const faults: ConfigFault[] = [];
    const content = { client_id: 'acme', source_cidrs: ['203.0.113.7', '2001:db8::1', '10.0.0.0/8'] };
    const { sourceCidrs } = readSection(ClientSettings, { path: 'clients[0]', content, env: {} }, faults);

    expect(sourceCidrs).toEqual(['203.0.113.7/32', '2001:db8::1/128', '10.0.0.0/8']);
  });

  it.each(['source_cidrs', 'workers', 'accounts'])('%s is a list of text', (key) => {
    expect(client({ [key]: [] })).toEqual([]);
    for (const wrong of ['acme.*', null, {}, 5])
      expect(client({ [key]: wrong })).toMatchObject([{ path: `section.${key}` }]);
    expect(client({ [key]: ['', 5] })).toMatchObject([
      { path: `section.${key}[0]` },
      { path: `section.${key}[1]` },
    ]);
  });

  it.each(['max_connections', 'connect_rate_per_s'])('takes whole numbers for %s, 0 for none', (key) => {
    for (const right of [0, 1, 1_000_000]) expect(client({ [key]: right })).toEqual([]);
    for (const wrong of [-1, 0.5, '5', null, 1_000_001])
      expect(client({ [key]: wrong })).toMatchObject([{ path: `section.${key}` }]);
  });

  it('is suspended or not', () => {
    for (const right of [true, false]) expect(client({ suspended: right })).toEqual([]);
    for (const wrong of ['yes', 1, null])
      expect(client({ suspended: wrong })).toMatchObject([{ path: 'section.suspended' }]);
  });

  it('never shows a view_token that cannot be used', () => {
    expect(client({ view_token: 'too short' })).toEqual([
      { path: 'section.view_token', expected: expect.stringContaining('16 printable') as string },
    ]);
  });
});
