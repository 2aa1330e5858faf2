import { eventually, type SimulatorTally, Stage, until } from '@mining-proxy/e2e-support';
// Guards what operators read: a real Prometheus scrapes proxies under load, and every query, recording rule
// and alert that was promised gives what the simulated miners counted, within what `increase()` can promise.
import { describeWithPrometheus } from './find-prometheus';
import { increaseBounds, lastLook } from './increase-bounds';
import { instanceOf, Load, METRICS_TOKEN, startProxies, type Proxies, type Tallies } from './loaded-proxies';
import { ACCEPTED_SHARES, BYTES_TRANSFERRED, RECORDING_RULES, REJECT_RATE } from './original-document';
import { PrometheusServer } from './prometheus-server';

/** Scrapes under load, one a second: enough for a rate. */
const SCRAPES = 12;
const LOAD_DEADLINE_MS = 30_000;

const ACCEPTED = 'stratum_accepted_shares_total';

describeWithPrometheus('a Prometheus that scrapes loaded proxies', ({ prometheus: program }) => {
  const stage = new Stage();
  let proxies: Proxies;
  let prometheus: PrometheusServer;
  let counted: Tallies;
  let alertsBefore: readonly string[];
  let alertsUnderLoad: readonly string[];

  beforeAll(async () => {
    proxies = await startProxies(stage);
    const targets = Object.values(proxies).map(instanceOf);
    prometheus = await PrometheusServer.start(program, { targets, metricsToken: METRICS_TOKEN });
    await prometheus.shows('sum(up)', targets.length);
    alertsBefore = await firingAlerts();
    const scrapesBefore = await scrapes();

    const load = await Load.start(stage, proxies);
    // What is missing at the deadline is for the tests to say.
    await until(
      'scrapes and alerts',
      async () => {
        alertsUnderLoad = await firingAlerts();
        return (
          (await scrapes()) >= scrapesBefore + SCRAPES && alertsUnderLoad.length >= troubles(proxies).length
        );
      },
      LOAD_DEADLINE_MS,
    ).catch(() => undefined);
    counted = await load.stop();
    await Promise.all([proxies.well.atRest(), proxies.troubled.atRest()]);
    await prometheus.shows('sum(stratum_active_connections)', 0);
  }, LOAD_DEADLINE_MS + 30_000);

  afterAll(async () => {
    try {
      await prometheus.stop();
    } finally {
      await stage.clear();
    }
  });

  it('sees a configured client at 0 before its first share, and every share in the end', async () => {
    const samples = await samplesOf(ACCEPTED, 'miner1');
    expect(samples[0]).toMatchObject({ value: 0 });
    expect(samples.at(-1)).toMatchObject({ value: counted.miner1.accepted });
    expect(samples.length).toBeGreaterThan(SCRAPES);
    expect(counted.miner1.accepted).toBeGreaterThan(SCRAPES);
    expect(counted.farm1.rejected).toBeGreaterThan(SCRAPES);
  });

  describe('the queries as they were promised', () => {
    it('give the accepted shares of 30 days: exactly at a scrape, within the bounds of increase() after it', async () => {
      const samples = await samplesOf(ACCEPTED, 'miner1');
      const at = lastLook(samples);
      expect(await prometheus.number(ACCEPTED_SHARES, at)).toBe(counted.miner1.accepted);

      const { least, most } = increaseBounds(samples);
      expect(least).toBe(counted.miner1.accepted);
      for (const laterMs of [1, 500, 1_000, 1_500, 60_000]) {
        const later = await prometheus.number(ACCEPTED_SHARES, at + laterMs);
        expect(later).toBeGreaterThanOrEqual(least);
        expect(later).toBeLessThanOrEqual(most);
      }
    });

    it('give the bytes of 30 days, both directions together', async () => {
      const bytes = counted.miner1.bytes_sent + counted.miner1.bytes_received;
      const sent = await samplesOf('stratum_bytes_sent_total', 'miner1');
      const received = await samplesOf('stratum_bytes_received_total', 'miner1');
      expect(await prometheus.number(BYTES_TRANSFERRED, lastLook(sent))).toBe(bytes);

      const now = await prometheus.number(BYTES_TRANSFERRED);
      expect(now).toBeGreaterThanOrEqual(bytes);
      expect(now).toBeLessThanOrEqual(increaseBounds(sent).most + increaseBounds(received).most);
    });

    it('give the reject rate: each series finds its partner, and the ratio is that of the counts', async () => {
      const rates = await prometheus.query(REJECT_RATE);
      const clients = rates.map(({ labels }) => `${labels.instance} ${labels.client_id}`);
      const submits = await prometheus.query('stratum_submits_total');
      expect(clients.sort()).toEqual(
        submits.map(({ labels }) => `${labels.instance} ${labels.client_id}`).sort(),
      );
      // Both series are scraped at the same moments from 0 on, so that the extrapolation cancels out.
      const rateOf = (clientId: string) => rates.find(({ labels }) => labels.client_id === clientId)?.data;
      expect(rateOf('farm1')).toBeCloseTo(counted.farm1.rejected / counted.farm1.submits, 12);
      expect(rateOf('miner1')).toBe(0);
      // No shares at all: the query as it is divides 0 by 0.
      expect(rateOf('known1')).toBeNaN();
    });
  });

  describe('the recording rules', () => {
    it('are loaded as they were promised', async () => {
      expect(await prometheus.rules()).toEqual(
        expect.arrayContaining(RECORDING_RULES.map((rule) => expect.objectContaining(rule) as unknown)),
      );
    });

    it('record the shares and the bytes of every client', async () => {
      for (const clientId of ['miner1', 'farm1'] as const) {
        const tally = counted[clientId];
        await expectRecorded('mining:accepted_shares:30d', clientId, [ACCEPTED], tally.accepted);
        const families = ['stratum_bytes_sent_total', 'stratum_bytes_received_total'];
        const bytes = tally.bytes_sent + tally.bytes_received;
        await expectRecorded('mining:bytes_total:30d', clientId, families, bytes);
      }
    });
  });

  describe('the alerts', () => {
    it('are silent before there is a load', () => {
      expect(alertsBefore).toEqual([]);
    });

    it('all fire where there is trouble, each for its own, and none where all is well', () => {
      expect(alertsUnderLoad).toEqual(troubles(proxies));
    });

    it('name the client whose shares are rejected', async () => {
      const alerts = await prometheus.alerts();
      const rejects = alerts.filter(({ labels }) => labels.alertname === 'MiningProxyHighRejectRate');
      expect(rejects.map(({ labels }) => labels)).toEqual([
        expect.objectContaining({ client_id: 'farm1', pool_host: proxies.troubled.poolHost }),
      ]);
    });

    it('end when the connections do', () =>
      eventually(async () => {
        expect(await firingAlerts()).not.toContain(
          `MiningProxyNearConnectionLimit ${instanceOf(proxies.troubled)}`,
        );
      }));
  });

  describe('shares of before a first sample', () => {
    const BURST = 40;
    let known: SimulatorTally;
    let walkIn: SimulatorTally;

    beforeAll(async () => {
      [known, walkIn] = await prometheus.whileItLooksAway(() =>
        Promise.all([burst('known'), burst('walkin')]),
      );
      for (const client of ['known1', 'walkin1']) {
        // Two samples, or there is nothing to look at the growth of.
        await prometheus.shows(`count_over_time(${ACCEPTED}{client_id="${client}"}[1h]) > bool 1`, 1);
        await prometheus.shows(`${ACCEPTED}{client_id="${client}"}`, BURST);
      }
    });

    it('count whole for a configured client, whose series stood at 0', async () => {
      const at = lastLook(await samplesOf(ACCEPTED, 'known1'));
      expect(known.accepted).toBe(BURST);
      expect(await prometheus.number(`increase(${ACCEPTED}{client_id="known1"}[30d])`, at)).toBe(BURST);
    });

    it('are lost for one that is not configured, whose series begins with them', async () => {
      const at = lastLook(await samplesOf(ACCEPTED, 'walkin1'));
      expect(walkIn.accepted).toBe(BURST);
      expect(await prometheus.number(`increase(${ACCEPTED}{client_id="walkin1"}[30d])`, at)).toBe(0);
    });

    it('are lost at most as far as the first sample has them, and never counted twice', async () => {
      const samples = await samplesOf(ACCEPTED, 'guest1');
      const { least } = increaseBounds(samples);
      const shares = await prometheus.number(
        `increase(${ACCEPTED}{client_id="guest1"}[30d])`,
        lastLook(samples),
      );
      expect(least).toBe(counted.guest1.accepted - samples[0]!.value);
      expect(shares).toBeGreaterThanOrEqual(least);
      // The rounding of a product of floating point numbers.
      expect(shares).toBeLessThanOrEqual(counted.guest1.accepted * (1 + 1e-12));
    });

    async function burst(prefix: string): Promise<SimulatorTally> {
      const load = { 'account-prefix': prefix, shares: BURST, fast: true };
      return stage.simulatedMiners(proxies.well.minerPort, load).summary();
    }
  });

  /** `alert instance` of each alert that fires. */
  async function firingAlerts(): Promise<string[]> {
    const alerts = (await prometheus.alerts()).filter(({ state }) => state === 'firing');
    return alerts.map(({ labels }) => `${labels.alertname} ${labels.instance}`).sort();
  }

  /** How often every proxy has been scraped. */
  function scrapes(): Promise<number> {
    return prometheus.number('min(count_over_time(up[1h]))');
  }

  function samplesOf(family: string, clientId: string) {
    return prometheus.samples(`${family}{client_id="${clientId}"}`);
  }

  /** Holds what a rule recorded last against the bounds of the samples that there were by then. */
  async function expectRecorded(
    rule: string,
    clientId: string,
    families: readonly string[],
    count: number,
  ): Promise<void> {
    await eventually(async () => {
      const recorded = (await prometheus.samples(`${rule}{client_id="${clientId}"}`)).at(-1)!;
      const inputs = await Promise.all(families.map((family) => samplesOf(family, clientId)));
      const bounds = inputs.map((samples) => increaseBounds(samples.filter(({ at }) => at < recorded.at)));
      expect(bounds.reduce((sum, { least }) => sum + least, 0)).toBe(count);
      expect(recorded.value).toBeGreaterThanOrEqual(count);
      expect(recorded.value).toBeLessThanOrEqual(bounds.reduce((sum, { most }) => sum + most, 0));
    });
  }
});

function troubles({ troubled, cutOff }: Proxies): string[] {
  const rules = ['HighRejectRate', 'HighLatency', 'NearConnectionLimit', 'ConnectionErrors'];
  return [
    ...rules.map((rule) => `MiningProxy${rule} ${instanceOf(troubled)}`),
    `MiningProxyConnectionErrors ${instanceOf(cutOff)}`,
  ].sort();
}
