import {
  connectMiner,
  logIn,
  playPool,
  proxyHeader,
  type ProxyProcess,
  type RawPeer,
  type RawPool,
  submit,
  until,
} from '@mining-proxy/e2e-support';
import { CertificateFiles, certificate, type KeyPair } from '@mining-proxy/relay/testing';
import { BillingStage } from '../billing/support/billing-stage';
import { askLedger, rowsAtRest } from '../billing/support/ledger-rows';
import { answeredInLedger } from './support/ledger-of-pool';
import { ShareBook } from './support/share-book';

/** How a pool is reached. */
const WAYS_OUT = (['plain', 'tls'] as const).flatMap((speech) =>
  ([null, 'v2'] as const).map((header) => ({ speech, header, name: `${speech}-${header ?? 'bare'}` })),
);
type WayOut = (typeof WAYS_OUT)[number];

/** How miners come, for each way on to the pool; each has an address of its own. */
const COMBINATIONS = WAYS_OUT.flatMap((out) =>
  (['plain', 'tls'] as const).flatMap((speech) =>
    ([null, 'v1', 'v2'] as const).map((header) => ({
      out,
      speech,
      header,
      name: `${speech}-${header ?? 'bare'}-to-${out.name}`,
    })),
  ),
).map((combination, index) => ({ ...combination, source: `203.0.113.${index + 1}` }));
type Combination = (typeof COMBINATIONS)[number];

interface OnePool {
  readonly name: string;
  readonly role: 'main' | 'spare';
  readonly out: WayOut;
  readonly pool: RawPool;
  readonly book: ShareBook;
}

interface Mining {
  readonly miner: RawPeer;
  readonly worker: string;
}

const OWN_ADDRESS = '127.0.0.1';
const UNCHECKED = { interval_ms: 3_600_000 };
const SHARES = 6;

/** Guards the bill against the way that miners come and go: TLS, headers, a pool's death and our own change nothing in it. */
describe('over every combination of TLS and PROXY headers, in and out', () => {
  const stage = new BillingStage();
  const files = new CertificateFiles();
  let pair: KeyPair;
  beforeAll(async () => {
    pair = await certificate({ names: ['127.0.0.1'] });
  });
  afterEach(() => stage.clear());
  afterAll(() => files.remove());

  it('the ledger has what the pools answered, through the death of half of these and of the proxy', async () => {
    const dataDirectory = stage.directory();
    const mains = await poolsOf('main');
    const spares = await poolsOf('spare');
    const pools = [...mains, ...spares];
    const open = () => openProxy(dataDirectory, pools);
    let proxy = await open();

    const early = await eachMines(proxy);
    await eachWaitsForAnAnswer(proxy, early, mains);
    await Promise.all(mains.map(({ pool }) => pool.close()));
    await Promise.all(early.map(({ miner }) => miner.hungUpOn()));
    const page = await proxy.atRest();
    expect(page.value('stratum_unanswered_shares_total')).toBe(COMBINATIONS.length);

    await eachWaitsForAnAnswer(proxy, await eachMines(proxy), spares);
    await proxy.program.kill();

    for (const { book } of spares) book.holds = false;
    proxy = await open();
    await eachMines(proxy);
    await proxy.counts('stratum_shares_in_flight', {}, 0);
    await proxy.end();

    const rows = await rowsAtRest({ dataDirectory }, 'pool,worker');
    for (const { name, pool, book } of pools) {
      expect({ name, ...answeredInLedger(rows, pool.port) }).toEqual({ name, ...book.answered });
    }
    for (const { role, out, pool, book } of pools) {
      const miners = COMBINATIONS.filter((each) => each.out === out);
      expect(book.count).toBe(miners.length * SHARES * (role === 'main' ? 1 : 2));
      const told = miners.map(({ header, source }) => (header === null ? OWN_ADDRESS : source));
      if (out.header !== null) expect([...new Set(pool.sources)].sort()).toEqual([...new Set(told)].sort());
    }
    const month = new Date().toISOString().slice(0, 7);
    const verified = JSON.parse(await askLedger({ dataDirectory }, 'verify', month)) as object;
    expect(verified).toMatchObject({ difference_count: 0 });
  });

  /** One pool for each way out. */
  function poolsOf(role: OnePool['role']): Promise<OnePool[]> {
    return Promise.all(
      WAYS_OUT.map(async (out) => {
        const book = new ShareBook();
        const pool = await stage.rawPool({
          wantsHeader: out.header !== null,
          ...(out.speech === 'tls' ? { tls: pair } : {}),
          greets: (peer) => playPool(peer, (id, params) => book.judge(id, params)),
        });
        return { name: `${role}-${out.name}`, role, out, pool, book };
      }),
    );
  }

  function openProxy(dataDirectory: string, pools: readonly OnePool[]): Promise<ProxyProcess> {
    const { certFile, keyFile } = files.ofListener(pair);
    return stage.proxy({
      poolPort: pools[0]?.pool.port ?? 0,
      pools: pools.map(({ name, role, out, pool }) => ({
        name,
        host: '127.0.0.1',
        port: pool.port,
        priority: role === 'main' ? 0 : 1,
        proxy_protocol: out.header,
        health: UNCHECKED,
        ...(out.speech === 'tls' ? { tls: { ca_file: certFile } } : {}),
      })),
      listeners: COMBINATIONS.map(({ name, speech, header, out }) => ({
        name,
        bind_address: '127.0.0.1',
        bind_port: 0,
        pools: [`main-${out.name}`, `spare-${out.name}`],
        ...(speech === 'tls' ? { tls: { cert_file: certFile, key_file: keyFile } } : {}),
        ...(header === null ? {} : { proxy_protocol: { trusted_cidrs: ['127.0.0.1'] } }),
      })),
      proxy: { data_dir: dataDirectory },
    });
  }

  /** A miner of each combination comes and has its shares answered. */
  function eachMines(proxy: ProxyProcess): Promise<Mining[]> {
    const ports = [proxy.minerPort, ...proxy.otherPorts];
    return Promise.all(COMBINATIONS.map((combination, index) => mines(combination, ports[index] ?? 0)));
  }

  async function mines({ name, speech, header, source }: Combination, port: number): Promise<Mining> {
    const miner = await connectMiner(port, {
      ...(header === null ? {} : { header: proxyHeader(header, source) }),
      ...(speech === 'tls' ? { authority: pair.cert } : {}),
    });
    stage.removedBy(() => miner.destroy());
    const worker = `acme.${name}`;
    await logIn(miner, worker);
    const ids = Array.from({ length: SHARES }, (_, index) => 10 + index);
    for (const id of ids) miner.say(submit(id, worker));
    for (const id of ids) await miner.messageWith(id);
    return { miner, worker };
  }

  /** Each sends one more share, which reaches its pool and is not answered. */
  async function eachWaitsForAnAnswer(
    proxy: ProxyProcess,
    mining: readonly Mining[],
    pools: readonly OnePool[],
  ): Promise<void> {
    for (const { book } of pools) book.holds = true;
    for (const { miner, worker } of mining) miner.say(submit(99, worker));
    const held = () => pools.reduce((sum, { book }) => sum + book.held, 0) === COMBINATIONS.length;
    await until('the last share of each at its pool', held);
    await proxy.counts('stratum_shares_in_flight', {}, COMBINATIONS.length);
  }
});
