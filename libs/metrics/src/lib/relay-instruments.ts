import { makeCounterProvider, getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { LatencyHistogram } from '@mining-proxy/billing';
import { CLOSE_KINDS, REJECTION_CAUSES, type Relay } from '@mining-proxy/relay';
import type { FamilyDefinition } from './read-family';
import { histogramSamples, histograms } from './session-families';

const SESSION_CLOSES = 'stratum_session_closes_total';
const REJECTED_CONNECTIONS = 'stratum_rejected_connections_total';
const INSPECTION_FAULTS = 'stratum_inspection_faults_total';
/** The operating system refused the accept itself: no descriptor was left. */
const ACCEPT_FAILED = 'accept_failed';
const CONNECT_LATENCY = 'stratum_connect_latency_seconds';
const CONNECTION_DURATION = 'stratum_connection_duration_seconds';

/** The counters of what happens to a session, which is rare enough for prom-client's own. */
export const RELAY_INSTRUMENT_PROVIDERS = [
  makeCounterProvider({
    name: SESSION_CLOSES,
    help: 'Ended sessions by who ended them and why',
    labelNames: ['side', 'code'],
  }),
  makeCounterProvider({
    name: REJECTED_CONNECTIONS,
    help: 'Connections turned away before they became a session',
    labelNames: ['reason'],
  }),
  makeCounterProvider({
    name: INSPECTION_FAULTS,
    help: 'Sessions whose inspection failed and was given up; their bytes went on',
  }),
];

const CONNECT_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const DURATION_BOUNDS = [1, 10, 60, 300, 1_800, 3_600, 21_600, 86_400, 604_800];

/** Writes the relay's session-level facts into the instruments. */
export class RelayInstruments {
  static readonly inject = [SESSION_CLOSES, REJECTED_CONNECTIONS, INSPECTION_FAULTS].map(getToken);
  // Each miner that comes and goes is in both: prom-client looks a histogram up by a text of its labels, each time.
  private readonly connectLatency = new Map<string, LatencyHistogram>();
  private readonly duration = new LatencyHistogram(DURATION_BOUNDS);

  constructor(
    private readonly closes: Counter,
    private readonly rejected: Counter,
    private readonly faults: Counter,
  ) {}

  /** The instruments whose numbers are kept here. */
  get families(): readonly FamilyDefinition[] {
    return [
      {
        name: CONNECT_LATENCY,
        type: 'histogram',
        help: 'Time to connect to the pool',
        samples: () => histograms(CONNECT_LATENCY, this.connectLatency),
      },
      {
        name: CONNECTION_DURATION,
        type: 'histogram',
        help: 'Time from accept to close',
        samples: () => histogramSamples(CONNECTION_DURATION, {}, this.duration),
      },
    ];
  }

  watch(relay: Relay): void {
    const { events } = relay;
    this.showZeros();
    this.expectPools(relay);
    events.on('reconfigured', () => this.expectPools(relay));
    events.on('connected', ({ poolHost }, latencyMs) => this.latencyOf(poolHost).observe(latencyMs / 1000));
    events.on('closed', (_session, { reason, durationMs }) => {
      this.closes.inc({ side: reason.side, code: reason.code });
      this.duration.observe(durationMs / 1000);
    });
    events.on('rejected', (cause) => this.rejected.inc({ reason: cause }));
    events.on('listenerFault', () => this.rejected.inc({ reason: ACCEPT_FAILED }));
    events.on('fault', () => this.faults.inc());
  }

  private expectPools({ pools }: Relay): void {
    for (const { poolHost } of pools) this.latencyOf(poolHost);
  }

  private latencyOf(poolHost: string): LatencyHistogram {
    let histogram = this.connectLatency.get(poolHost);
    if (!histogram) this.connectLatency.set(poolHost, (histogram = new LatencyHistogram(CONNECT_BOUNDS)));
    return histogram;
  }

  /** A series that begins with its first event hides that event from `rate()`. */
  private showZeros(): void {
    for (const { side, codes } of CLOSE_KINDS) for (const code of codes) this.closes.inc({ side, code }, 0);
    for (const reason of [...REJECTION_CAUSES, ACCEPT_FAILED]) this.rejected.inc({ reason }, 0);
  }
}
