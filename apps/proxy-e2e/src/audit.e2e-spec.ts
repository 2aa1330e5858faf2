import {
  type MetricsPage,
  type ProxyOptions,
  type ProxyProcess,
  type SimulatedPool,
  type SimulatorOptions,
  Stage,
} from '@mining-proxy/e2e-support';
import { at } from './failover/support/pool-progress';

const ALL = { audit: { submits_per_second: 100_000 } };
/** A job that is older than the last four is not kept: blocks come seldom enough. */
const POOL = { difficulty: 1e-8, 'job-interval-ms': 2_000, 'clean-every': 3 };

/** No job is of the block before: shares that come too late are for one that never was, and nobody has hashed them. */
const ONE_BLOCK = { 'clean-every': 1_000 };

/** Guards that the audit says of each share what it is, whatever the pool says of it. */
describe('the audit', () => {
  const stage = new Stage();
  afterEach(() => stage.clear());

  it.each<readonly [string, SimulatorOptions, SimulatorOptions]>([
    ['of honest miners', {}, {}],
    ['of miners that roll the version', {}, { 'version-rolling': true }],
    [
      'of miners whose difficulty changes',
      { 'vardiff-shares-per-minute': 1_200, 'vardiff-interval-ms': 300 },
      {},
    ],
    ['of miners that miss the target', {}, { 'low-difficulty-rate': 0.2 }],
    ['of miners that say it twice', {}, { 'duplicate-rate': 0.2 }],
    ['of miners that come too late', ONE_BLOCK, { 'stale-rate': 0.2 }],
    ['of miners that nobody has let in', {}, { 'unauthorized-rate': 0.2 }],
    ['of miners whose nonces are no numbers', {}, { 'bad-nonce-rate': 0.2 }],
    ['of a pool that leaves shares unanswered', { 'unanswered-rate': 0.2 }, {}],
    ['of longer extranonces and no branches', { 'extranonce2-size': 8, branches: 0 }, {}],
  ])(
    '%s agrees with the pool, share by share',
    async (name, pool, miners) => {
      const simulated = await stage.simulatedPool({ ...POOL, ...pool });
      const proxy = await stage.proxy({ poolPort: simulated.port, ...ALL });
      const fleet = stage.simulatedMiners(proxy.minerPort, {
        accounts: 5,
        'submits-per-second': 200,
        shares: 600,
        'settle-ms': 500,
        ...miners,
      });
      await fleet.summary();
      await expectAgreement(name, simulated, proxy);
    },
    60_000,
  );

  describe('of scrypt', () => {
    const SCRYPT_POOL = { ...POOL, algorithm: 'scrypt', difficulty: 1e-4 };
    const scryptMiners = (proxy: ProxyProcess, faults: SimulatorOptions) =>
      stage.simulatedMiners(proxy.minerPort, {
        algorithm: 'scrypt',
        accounts: 2,
        'submits-per-second': 80,
        shares: 240,
        'settle-ms': 500,
        ...faults,
      });

    it.each<readonly [string, SimulatorOptions, SimulatorOptions]>([
      ['honest miners', {}, {}],
      ['miners that roll the version', {}, { 'version-rolling': true }],
      [
        'miners whose difficulty changes',
        { 'vardiff-shares-per-minute': 1_200, 'vardiff-interval-ms': 300 },
        {},
      ],
      ['miners that miss the target', {}, { 'low-difficulty-rate': 0.2 }],
      ['miners that say it twice', {}, { 'duplicate-rate': 0.2 }],
      ['miners that come too late', ONE_BLOCK, { 'stale-rate': 0.2 }],
    ])(
      'agrees with the pool about %s, share by share',
      async (name, pool, miners) => {
        const simulated = await stage.simulatedPool({ ...SCRYPT_POOL, ...pool });
        const proxy = await stage.proxy({ poolPort: simulated.port, ...ALL, proxy: { algorithm: 'scrypt' } });
        await scryptMiners(proxy, miners).summary();
        await expectAgreement(`of scrypt: ${name}`, simulated, proxy);
      },
      60_000,
    );

    it.each<readonly [string, (port: number) => Partial<ProxyOptions>]>([
      ['pool', (port) => ({ pools: [{ name: 'ltc', host: '127.0.0.1', port, algorithm: 'scrypt' }] })],
      [
        'listener',
        () => ({
          listeners: [{ name: 'ltc', bind_address: '127.0.0.1', bind_port: 0, algorithm: 'scrypt' }],
        }),
      ],
    ])(
      'is known by what the %s is said to have',
      async (where, options) => {
        const simulated = await stage.simulatedPool(SCRYPT_POOL);
        const proxy = await stage.proxy({ poolPort: simulated.port, ...ALL, ...options(simulated.port) });
        await scryptMiners(proxy, { 'low-difficulty-count': 20 }).summary();
        await expectAgreement(`of scrypt, said of the ${where}`, simulated, proxy);
      },
      60_000,
    );

    it('finds nothing valid where the proxy is told of another algorithm', async () => {
      const simulated = await stage.simulatedPool(SCRYPT_POOL);
      const proxy = await stage.proxy({ poolPort: simulated.port, ...ALL, proxy: { algorithm: 'sha256d' } });
      await scryptMiners(proxy, {}).summary();
      const page = await audited(proxy);
      const of = (verdict: string) =>
        page.value('stratum_audited_shares_total', { verdict, outcome: 'accepted' });
      expect(of('below_target')).toBeGreaterThan(200);
      expect(of('valid')).toBe(0);
    }, 60_000);
  });

  it('checks no more a second than its budget, and counts the others as unchecked', async () => {
    const simulated = await stage.simulatedPool(POOL);
    const proxy = await stage.proxy({ poolPort: simulated.port, audit: { submits_per_second: 5 } });
    const fleet = stage.simulatedMiners(proxy.minerPort, {
      accounts: 2,
      'submits-per-second': 200,
      shares: 400,
    });
    await fleet.summary();
    const page = await audited(proxy);
    const by = page.by('stratum_audited_shares_total', 'verdict');
    expect(by.unchecked).toBeGreaterThan(300);
    expect(by.valid).toBeGreaterThanOrEqual(5);
    expect(by.valid).toBeLessThan(60);
  }, 60_000);

  it('costs nothing and says nothing where it is off', async () => {
    const simulated = await stage.simulatedPool(POOL);
    const proxy = await stage.proxy({ poolPort: simulated.port, audit: { submits_per_second: 0 } });
    stage.simulatedMiners(proxy.minerPort, { accounts: 2, 'submits-per-second': 100, shares: 100 });
    await at(simulated, 2);
    await proxy.counts('stratum_submits_total', {}, 100);
    expect((await proxy.metrics()).by('stratum_audited_shares_total', 'verdict')).toEqual({});
  }, 60_000);

  /** Each share has the verdict that the pool, which hashes it by its own code, has come to. */
  async function expectAgreement(name: string, pool: SimulatedPool, proxy: ProxyProcess): Promise<void> {
    const tally = await pool.tally();
    const page = await audited(proxy);
    say(name, page);
    const of = (verdict: string, outcome: string) =>
      page.value('stratum_audited_shares_total', { verdict, outcome });
    expect(tally.accepted).toBeGreaterThan(100);
    expect(of('valid', 'accepted')).toBe(tally.accepted);
    expect(of('below_target', 'accepted') + of('duplicate', 'accepted') + of('unchecked', 'accepted')).toBe(
      0,
    );
    const { low_difficulty: low = 0, duplicate = 0, unauthorized = 0 } = tally.rejected_by;
    // Whoever is not let in has not hashed: the pool does not look at it, the audit does.
    expect(of('below_target', 'rejected') + of('duplicate', 'rejected')).toBe(low + duplicate + unauthorized);
    if (unauthorized === 0) expect(of('duplicate', 'rejected')).toBe(duplicate);
    expect(page.value('stratum_disputed_shares_total', {})).toBe(0);
    expect(page.value('stratum_accepted_hashes_total', {})).toBe(tally.accepted_hashes);
  }

  /** All settled shares have their verdict. */
  async function audited(proxy: ProxyProcess): Promise<MetricsPage> {
    const settled = (await proxy.counts('stratum_shares_in_flight', {}, 0)).value(
      'stratum_submits_total',
      {},
    );
    return proxy.counts('stratum_audited_shares_total', {}, settled);
  }

  function say(name: string, page: MetricsPage): void {
    const cells = ['valid', 'below_target', 'duplicate', 'unchecked'].flatMap((verdict) =>
      ['accepted', 'rejected', 'unanswered'].map((outcome) => {
        const value = page.value('stratum_audited_shares_total', { verdict, outcome });
        return value > 0 ? [`${verdict}/${outcome} ${value}`] : [];
      }),
    );
    process.stderr.write(`figure | audit ${name} | ${cells.flat().join(', ')}\n`);
  }
});
