import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { register } from 'prom-client';
import { BillingModule, ClientDirectory, Meters, UsageStore } from '@mining-proxy/billing';
import { ProxyConfigModule, loadConfig } from '@mining-proxy/config';
import { testUsageStore } from '@mining-proxy/billing/testing';
import { Relay, RelayModule } from '@mining-proxy/relay';
import {
  CertificateFiles,
  FAILOVER,
  OPEN_ACCESS,
  certificate,
  plainListener,
  plainPool,
} from '@mining-proxy/relay/testing';
import { parseExposition, type ExposedFamily } from '../testing/exposition';
import { POOL_HOST, mine, converse, sessionEnd, sessionView } from '../testing/session-double';
import { MetricsModule } from './metrics.module';

const LIMIT = 60_000;
const RELAY = {
  listeners: [],
  pools: [plainPool({ port: 3333 })],
  failover: FAILOVER,
  access: OPEN_ACCESS,
  clients: new Map(),
  clientOf: () => undefined,
  maxConnections: 77,
  limits: {
    connectionTimeoutMs: LIMIT,
    loginTimeoutMs: LIMIT,
    idleTimeoutMs: LIMIT,
    slowPeerTimeoutMs: LIMIT,
    jobTimeoutMs: LIMIT,
    closeGraceMs: LIMIT,
  },
  drainTimeoutMs: LIMIT,
  instanceId: 'test',
};

const CONFIG = loadConfig({ POOL_HOST: 'pool.example.com', POOL_PORT: '3333' });

const CLIENTS = ['acme', 'quiet'].map((clientId) => ({
  clientId,
  sourceCidrs: [],
  workers: [`${clientId}.*`],
  accounts: [clientId],
}));

const PER_CLIENT = ['client_id', 'pool_host'];

/** DESIGN: every family, its type and exactly its labels. */
const FAMILIES: readonly (readonly [name: string, type: string, labels: readonly string[]])[] = [
  ['stratum_active_connections', 'gauge', PER_CLIENT],
  ['stratum_connections_total', 'counter', PER_CLIENT],
  ['stratum_connection_duration_seconds', 'histogram', []],
  ['stratum_bytes_sent_total', 'counter', PER_CLIENT],
  ['stratum_bytes_received_total', 'counter', PER_CLIENT],
  ['stratum_submits_total', 'counter', PER_CLIENT],
  ['stratum_accepted_shares_total', 'counter', PER_CLIENT],
  ['stratum_rejected_shares_total', 'counter', PER_CLIENT],
  ['stratum_unknown_shares_total', 'counter', PER_CLIENT],
  ['stratum_unanswered_shares_total', 'counter', PER_CLIENT],
  ['stratum_notifications_total', 'counter', PER_CLIENT],
  ['stratum_jobs_total', 'counter', PER_CLIENT],
  ['stratum_share_rejections_total', 'counter', [...PER_CLIENT, 'reason']],
  ['stratum_accepted_difficulty_total', 'counter', PER_CLIENT],
  ['stratum_accepted_hashes_total', 'counter', PER_CLIENT],
  ['stratum_connect_latency_seconds', 'histogram', ['pool_host']],
  ['stratum_request_response_seconds', 'histogram', ['pool_host']],
  ['stratum_pool_up', 'gauge', ['pool_host']],
  ['stratum_pool_sessions', 'gauge', ['pool_host']],
  ['stratum_failovers_total', 'counter', ['pool_host']],
  ['stratum_pool_dials_total', 'counter', ['pool_host', 'outcome']],
  ['stratum_certificate_expiry_timestamp_seconds', 'gauge', ['listener']],
  ['stratum_workers', 'gauge', ['client_id', 'state']],
  ['stratum_audited_shares_total', 'counter', ['client_id', 'pool_host', 'verdict', 'outcome']],
  ['stratum_disputed_shares_total', 'counter', ['client_id', 'pool_host', 'dispute']],
  ['stratum_block_candidates_total', 'counter', ['client_id', 'pool_host']],
  ['stratum_foreign_payouts_total', 'counter', ['client_id']],
  ['stratum_unread_coinbases_total', 'counter', ['pool_host']],
  ['stratum_config_reloads_total', 'counter', ['result']],
  ['stratum_config_last_reload_success_timestamp_seconds', 'gauge', []],
  ['stratum_unknown_requests_total', 'counter', ['method']],
  ['stratum_reconnect_requests_total', 'counter', ['pool_host']],
  ['stratum_session_closes_total', 'counter', ['side', 'code']],
  ['stratum_rejected_connections_total', 'counter', ['reason']],
  ['stratum_shares_in_flight', 'gauge', PER_CLIENT],
  ['stratum_sessions_total', 'counter', ['dialect']],
  ['stratum_unmeasured_bytes_total', 'counter', ['dialect']],
  ['stratum_unparsed_lines_total', 'counter', ['direction', 'reason']],
  ['stratum_foreign_accounts_total', 'counter', ['client_id']],
  ['stratum_undelivered_bytes_total', 'counter', ['direction']],
  ['stratum_share_equation_difference', 'gauge', []],
  ['stratum_max_connections', 'gauge', []],
  ['stratum_ledger_lag_seconds', 'gauge', []],
  ['stratum_export_lag_seconds', 'gauge', []],
  ['stratum_journal_bytes', 'gauge', []],
  ['stratum_journal_errors_total', 'counter', []],
  ['stratum_journal_bad_records_total', 'counter', ['reason']],
  ['stratum_journal_write_seconds', 'histogram', []],
];

/** Of Bitcoin's documents; the first client's. */
const PAYOUTS = new Map([[CLIENTS[0]!.clientId, ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4']]]);

const CLIENT_FAMILIES = FAMILIES.filter(([, , labels]) => labels === PER_CLIENT).map(([name]) => name);

describe('MetricsModule', () => {
  let app: INestApplicationContext;
  let meters: Meters;
  let relay: Relay;
  const files = new CertificateFiles();
  afterAll(() => files.remove());

  beforeEach(async () => {
    // prom-client keeps one registry for the process.
    register.clear();
    const billing = BillingModule.forRoot({
      meters: {
        directory: new ClientDirectory(CLIENTS, 'worker', './+#'),
        poolHosts: [POOL_HOST],
        maxClients: 1_000,
        inspectionOf: () => ({}),
        audit: { submitsPerSecond: 200, algorithmOf: () => 'sha256d', payoutAddresses: PAYOUTS },
        workers: { silentAfterMs: 600_000, forgetAfterMs: 86_400_000 },
        usageIntervalMs: 30_000,
      },
      usage: testUsageStore(),
      shutdownMs: () => 5_000,
    });
    const tls = { ...files.ofListener(await certificate()), clientCaFile: null };
    const core = RelayModule.forRoot({ ...RELAY, listeners: [plainListener({ tls })] }, [billing]);
    const module = await Test.createTestingModule({
      imports: [MetricsModule.forRoot([billing, core, ProxyConfigModule.forRoot(CONFIG)])],
    }).compile();
    app = await module.init();
    meters = app.get(Meters);
    relay = app.get(Relay);
  });

  afterEach(() => app.close());

  async function scrape(): Promise<ReadonlyMap<string, ExposedFamily>> {
    return parseExposition(await register.metrics());
  }

  function value(
    families: ReadonlyMap<string, ExposedFamily>,
    name: string,
    labels: object = {},
  ): number | undefined {
    const wanted = JSON.stringify(Object.entries(labels).sort());
    return families
      .get(name)
      ?.samples.find((sample) => JSON.stringify(Object.entries(sample.labels).sort()) === wanted)?.value;
  }

  /** Something of everything. */
  function happen(): void {
    mine(meters, 'acme.rig', 3, [true, null]);
    converse(meters, ['GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 400 Bad Request\r\n\r\n']).closed(sessionEnd());
    converse(meters, ['{"id":1,"method":"mining.subscribe","params":[]}\nnonsense\n', '']);
    relay.events.emit('connected', sessionView(), 20);
    relay.events.emit('closed', sessionView(), sessionEnd());
    relay.events.emit('rejected', 'max_connections', {
      listener: 'default',
      remoteAddress: '198.51.100.7',
      clientId: undefined,
    });
    relay.events.emit('fault', sessionView(), new Error('seen'));
  }

  it('serves every family with its type, a help text and exactly its labels', async () => {
    happen();
    const families = await scrape();
    for (const [name, type, labels] of FAMILIES) {
      const family = families.get(name);
      expect([name, family?.type]).toEqual([name, type]);
      expect(family?.help).toMatch(/\w/);
      expect(family?.samples.length).toBeGreaterThan(0);
      for (const sample of family?.samples ?? []) {
        const expected = sample.name.endsWith('_bucket') ? [...labels, 'le'] : labels;
        expect(Object.keys(sample.labels).sort()).toEqual([...expected].sort());
      }
    }
  });

  it('names no family with its prefix that nobody described', async () => {
    const known = new Set(FAMILIES.map(([name]) => name));
    const others = [...(await scrape()).keys()].filter(
      (name) => name.startsWith('stratum_') && !known.has(name),
    );
    expect(others.sort()).toEqual([
      'stratum_accepted_stale_shares_total',
      'stratum_accepted_without_difficulty_total',
      'stratum_inspection_faults_total',
    ]);
  });

  it('serves the default metrics of Node, the event loop and open files among them', async () => {
    const families = await scrape();
    expect(families.get('nodejs_eventloop_lag_seconds')?.samples).toHaveLength(1);
    expect(value(families, 'process_open_fds')).toBeGreaterThan(2);
  });

  it('serves none of those that list every socket in one turn', async () => {
    const names = [...(await scrape()).keys()];
    expect(names.filter((name) => /active_(handles|resources)/.test(name))).toEqual([]);
  });

  it('says what the meters say', async () => {
    happen();
    const families = await scrape();
    const labels = { client_id: 'acme', pool_host: POOL_HOST };
    const numbers = meters.read().clients.find(({ clientId }) => clientId === 'acme')!;
    expect(value(families, 'stratum_submits_total', labels)).toBe(3);
    expect(value(families, 'stratum_accepted_shares_total', labels)).toBe(1);
    expect(value(families, 'stratum_rejected_shares_total', labels)).toBe(1);
    expect(value(families, 'stratum_shares_in_flight', labels)).toBe(1);
    expect(value(families, 'stratum_bytes_sent_total', labels)).toBe(numbers.bytesSent);
    expect(value(families, 'stratum_accepted_hashes_total', labels)).toBe(2 ** 32);
    expect(value(families, 'stratum_accepted_difficulty_total', labels)).toBe(1);
    expect(value(families, 'stratum_share_rejections_total', { ...labels, reason: 'stale' })).toBe(1);
    expect(value(families, 'stratum_active_connections', { ...labels, client_id: 'unassigned' })).toBe(1);
    expect(value(families, 'stratum_max_connections')).toBe(77);
    expect(value(families, 'stratum_pool_up', { pool_host: POOL_HOST })).toBe(1);
    expect(value(families, 'stratum_share_equation_difference')).toBe(0);
    expect(value(families, 'stratum_sessions_total', { dialect: 'http' })).toBe(1);
    expect(value(families, 'stratum_unmeasured_bytes_total', { dialect: 'http' })).toBe(46);
    expect(
      value(families, 'stratum_unparsed_lines_total', { direction: 'to_upstream', reason: 'not_json' }),
    ).toBe(1);
    expect(value(families, 'stratum_session_closes_total', { side: 'downstream', code: 'ENDED' })).toBe(1);
    expect(value(families, 'stratum_rejected_connections_total', { reason: 'max_connections' })).toBe(1);
    expect(value(families, 'stratum_inspection_faults_total')).toBe(1);
  });

  it('has histograms that are cumulative and end in le="+Inf" with their count', async () => {
    happen();
    app.get(UsageStore).append({ kind: 'tick' });
    await new Promise((resolve) => setImmediate(resolve));
    const families = await scrape();
    const histograms = [...families].filter(([, { type }]) => type === 'histogram');
    expect(histograms.map(([name]) => name).filter((name) => name.startsWith('stratum_'))).toHaveLength(4);
    for (const [name, { samples }] of histograms.filter(([name]) => name.startsWith('stratum_'))) {
      const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
      const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Infinity : Number(labels.le)));
      expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
      expect(bounds.at(-1)).toBe(Infinity);
      const counts = buckets.map((bucket) => bucket.value);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      const count = samples.find((sample) => sample.name === `${name}_count`)!.value;
      expect(counts.at(-1)).toBe(count);
      expect(count).toBeGreaterThan(0);
      expect(samples.filter((sample) => sample.name === `${name}_sum`)).toHaveLength(1);
    }
  });

  it('has a bucket at half a second, which the latency alert asks for, in both latencies', async () => {
    const families = await scrape();
    for (const name of ['stratum_request_response_seconds', 'stratum_connect_latency_seconds']) {
      expect(families.get(name)?.samples.map(({ labels }) => labels.le)).toContain('0.5');
    }
  });

  it('has what is known beforehand at 0 before anything has happened', async () => {
    const families = await scrape();
    for (const client_id of ['acme', 'quiet', 'unassigned']) {
      for (const name of CLIENT_FAMILIES) {
        expect([name, value(families, name, { client_id, pool_host: POOL_HOST })]).toEqual([name, 0]);
      }
    }
    expect(value(families, 'stratum_foreign_accounts_total', { client_id: 'quiet' })).toBe(0);
    expect(value(families, 'stratum_reconnect_requests_total', { pool_host: POOL_HOST })).toBe(0);
    expect(value(families, 'stratum_undelivered_bytes_total', { direction: 'to_upstream' })).toBe(0);
    for (const reason of ['damaged', 'orphan']) {
      expect(value(families, 'stratum_journal_bad_records_total', { reason })).toBe(0);
    }
    expect(families.get('stratum_request_response_seconds')?.samples.at(-1)?.value).toBe(0);
    expect(families.get('stratum_connect_latency_seconds')?.samples.at(-1)?.value).toBe(0);
    expect(families.get('stratum_share_rejections_total')?.samples).toEqual([]);
  });

  it('brings all series of a client at once, at identification, and none before', async () => {
    const session = converse(meters, ['{"id":1,"method":"mining.subscribe","params":[]}\n', '']);
    const withClient = (families: ReadonlyMap<string, ExposedFamily>) =>
      CLIENT_FAMILIES.filter(
        (name) => value(families, name, { client_id: 'new', pool_host: POOL_HOST }) !== undefined,
      );
    expect(withClient(await scrape())).toEqual([]);

    session.chunk(
      'to_upstream',
      Buffer.from('{"id":2,"method":"mining.submit","params":["new","j","","",""]}\n'),
    );
    expect(withClient(await scrape())).toEqual(CLIENT_FAMILIES);
  });

  it.each([
    'say "hi"',
    'C:\\rigs\\1',
    'two\nlines',
    '\\n',
    'a{b="c"} 1',
    'größe⛏️',
    '#',
    ',',
    '"} 9\nfake_total 1',
  ])('writes the client id %j so that it is read as it was', async (worker) => {
    mine(meters, worker);
    const families = await scrape();
    expect(value(families, 'stratum_submits_total', { client_id: worker, pool_host: POOL_HOST })).toBe(1);
  });

  it('never writes two series that look the same', async () => {
    mine(meters, 'half \ud83d');
    mine(meters, 'half \udbff');
    await expect(scrape()).resolves.toBeDefined();
  });

  it('shows one moment, although it is written in many turns', async () => {
    happen();
    const text = register.metrics();
    // The scrape has begun; all of this is later.
    setImmediate(happen);
    const during = parseExposition(await text);
    const labels = { client_id: 'acme', pool_host: POOL_HOST };
    expect(value(during, 'stratum_submits_total', labels)).toBe(3);
    expect(value(during, 'stratum_shares_in_flight', labels)).toBe(1);
    expect(value(during, 'stratum_sessions_total', { dialect: 'http' })).toBe(1);
    const responses = during.get('stratum_request_response_seconds')!.samples.at(-1)!;
    expect([responses.name, responses.value]).toEqual(['stratum_request_response_seconds_count', 3]);
    expect(
      value(during, 'stratum_unparsed_lines_total', { direction: 'to_upstream', reason: 'not_json' }),
    ).toBe(1);

    expect(value(await scrape(), 'stratum_submits_total', labels)).toBe(6);
  });

  it('answers scrapes that overlap each with a moment of its own', async () => {
    mine(meters, 'acme.rig');
    const first = register.metrics();
    await Promise.resolve();
    mine(meters, 'acme.rig');
    const second = register.metrics();
    const labels = { client_id: 'acme', pool_host: POOL_HOST };
    expect(value(parseExposition(await second), 'stratum_submits_total', labels)).toBe(2);
    expect(value(parseExposition(await first), 'stratum_submits_total', labels)).toBe(1);
  });
});
