import {
  freePort,
  type ProxyProcess,
  type SimulatedMiners,
  type SimulatorTally,
  type Stage,
} from '@mining-proxy/e2e-support';

export const METRICS_TOKEN = 'a-token-that-only-the-scraper-has';

/** Three proxies: one on which all is well, one with every trouble at once, one whose pool is not there. */
export interface Proxies {
  readonly well: ProxyProcess;
  readonly troubled: ProxyProcess;
  readonly cutOff: ProxyProcess;
}

/** What the miners of each client counted themselves. */
export interface Tallies {
  readonly miner1: SimulatorTally;
  readonly guest1: SimulatorTally;
  readonly farm1: SimulatorTally;
}

/** The miners that the troubled proxy has room for. */
const ROOM = 10;

/** The troubled pool's: well above the alert's 500 ms. */
const ANSWER_DELAY_MS = 600;

export function instanceOf(proxy: ProxyProcess): string {
  return `127.0.0.1:${proxy.httpPort}`;
}

export async function startProxies(stage: Stage): Promise<Proxies> {
  const goodPool = await stage.simulatedPool({ fast: true });
  const slowPool = await stage.simulatedPool({ fast: true, 'answer-delay-ms': ANSWER_DELAY_MS });
  const secret = { metrics_token: METRICS_TOKEN };
  return {
    well: await stage.proxy({
      poolPort: goodPool.port,
      clients: ['miner1', 'known1'].map(clientOf),
      proxy: secret,
    }),
    troubled: await stage.proxy({
      poolPort: slowPool.port,
      clients: [clientOf('farm1')],
      proxy: { ...secret, max_connections: ROOM },
    }),
    cutOff: await stage.proxy({ poolPort: await freePort(), proxy: secret }),
  };
}

function clientOf(account: string) {
  return { client_id: account, workers: [`${account}.*`] };
}

/** Miners at work until `stop`, everywhere. */
export class Load {
  private constructor(
    private readonly counted: Readonly<Record<keyof Tallies, SimulatedMiners>>,
    private readonly turnedAway: readonly SimulatedMiners[],
  ) {}

  /** Resolves once the troubled proxy is full and more miners knock. */
  static async start(stage: Stage, { well, troubled, cutOff }: Proxies): Promise<Load> {
    const counted = {
      miner1: stage.simulatedMiners(well.minerPort, {
        'account-prefix': 'miner',
        'rigs-per-account': 3,
        'shares-per-minute': 240,
      }),
      guest1: stage.simulatedMiners(well.minerPort, { 'account-prefix': 'guest', 'shares-per-minute': 240 }),
      farm1: stage.simulatedMiners(troubled.minerPort, {
        'account-prefix': 'farm',
        'rigs-per-account': ROOM,
        'shares-per-minute': 120,
        'duplicate-rate': 0.3,
      }),
    };
    await troubled.counts('stratum_active_connections', {}, ROOM);
    const turnedAway = [troubled, cutOff].map((proxy) =>
      stage.simulatedMiners(proxy.minerPort, { 'account-prefix': 'late', 'reconnect-delay-ms': 200 }),
    );
    return new Load(counted, turnedAway);
  }

  /** Ends in order: every share has its answer, and what the miners counted is final. */
  async stop(): Promise<Tallies> {
    await Promise.all(this.turnedAway.map((miners) => miners.stop()));
    const [miner1, guest1, farm1] = await Promise.all([
      this.counted.miner1.stop(),
      this.counted.guest1.stop(),
      this.counted.farm1.stop(),
    ]);
    return { miner1, guest1, farm1 };
  }
}
