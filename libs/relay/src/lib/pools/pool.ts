import type { Endpoint } from '../listeners/proxy-header';
import type { CloseCode } from '../session/close-reason';

/** How a pool is spoken to in TLS. */
export interface PoolTls {
  /** The name that its certificate must be valid for, and that it is asked for (SNI); null: its `host`. */
  readonly serverName: string | null;
  /** Certificates of authorities in PEM, in place of those that Node brings; null: those. */
  readonly ca: string | null;
  /** SHA-256 of the one certificate that is right, as 64 hexadecimal digits; then no authority is asked. */
  readonly fingerprintSha256: string | null;
  /** False: any certificate will do, and anybody on the way can read and change what passes. */
  readonly verify: boolean;
}

/** How it is found out whether a pool can be used. All times in milliseconds. */
export interface HealthOptions {
  /** `tcp`: it can be connected to, TLS included. `stratum`: a subscribe is answered, and a job comes. */
  readonly kind: 'tcp' | 'stratum';
  readonly intervalMs: number;
  /** Of one check, and of one address in a dial while there are others to try. */
  readonly timeoutMs: number;
  /** Failures in a row that make it down. */
  readonly fall: number;
  /** Successes in a row that make it up again. */
  readonly rise: number;
}

/** One upstream. */
export interface PoolOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** The lowest that has a pool up is used. */
  readonly priority: number;
  /** Its part of the miners among pools of its priority. */
  readonly weight: number;
  /** False: known, and not used, until somebody resumes it. */
  readonly enabled: boolean;
  readonly tls: PoolTls | null;
  /** The version of the PROXY header that it wants in front of each connection. */
  readonly proxyProtocol: 1 | 2 | null;
  readonly health: HealthOptions;
}

/** `drained`: taken out by hand, whatever its health. */
export type PoolState = 'up' | 'down' | 'drained';

/** How a dial ended. */
export type DialOutcome = 'ok' | DialFailureCode;

export const DIAL_FAILURES = [
  'DIAL_FAILED',
  'DIAL_TIMEOUT',
  'LOCAL_LIMIT',
  'TLS_HANDSHAKE',
  'TLS_UNVERIFIED',
] as const satisfies readonly CloseCode[];

export type DialFailureCode = (typeof DIAL_FAILURES)[number];

/** A pool as others see it. */
export interface PoolView {
  readonly name: string;
  readonly poolHost: string;
  readonly priority: number;
  readonly weight: number;
  readonly state: PoolState;
  /** Whether its health is good, also where it is drained. */
  readonly up: boolean;
  /** Why it is in its state; undefined while nothing has happened to it. */
  readonly reason: string | undefined;
  /** Wall clock, milliseconds since 1970: since when it is in its state. */
  readonly since: number;
  readonly sessions: number;
  /** Sessions that its trouble moved away from it. */
  readonly failovers: number;
  /** Dials for miners and health checks, by how they ended. */
  readonly dials: ReadonlyMap<DialOutcome, number>;
  /** What the last good dial took, in milliseconds; undefined before the first one. */
  readonly dialLatencyMs: number | undefined;
}

/** What a pool tells of changes of its health. */
export type HealthListener = (pool: Pool, reason: string) => void;

/** `host:port`, the pool's name in metrics and logs; an IPv6 address stands in brackets. */
export function poolHostOf({ host, port }: Pick<PoolOptions, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * One upstream: what is known of it from those who tried it. Up until `fall` tries in a row have failed, then down until
 * `rise` in a row have not.
 */
export class Pool implements PoolView {
  readonly poolHost: string;
  readonly dials = new Map<DialOutcome, number>(
    (['ok', ...DIAL_FAILURES] as const).map((outcome) => [outcome, 0]),
  );
  up = true;
  drained: boolean;
  /** It is not configured any more; the sessions that it has are on their way out. */
  removed = false;
  reason: string | undefined;
  since = Date.now();
  sessions = 0;
  failovers = 0;
  dialLatencyMs: number | undefined;
  /** Monotonic milliseconds at which it last showed that it works. */
  provenAt = -Infinity;

  /** Tries in a row that speak against its present health. */
  private against = 0;
  /** Of the last try that failed. */
  private lastCause: Error | undefined;
  private readonly failedAddresses = new Map<string, number>();

  constructor(
    public options: PoolOptions,
    private readonly changed: HealthListener = () => undefined,
  ) {
    this.poolHost = poolHostOf(options);
    this.drained = !options.enabled;
    if (this.drained) this.reason = 'not enabled';
  }

  get name(): string {
    return this.options.name;
  }

  get priority(): number {
    return this.options.priority;
  }

  get weight(): number {
    return this.options.weight;
  }

  get state(): PoolState {
    if (this.drained) return 'drained';
    return this.up ? 'up' : 'down';
  }

  /** Whether new sessions may go there. */
  get usable(): boolean {
    return this.up && !this.drained && !this.removed;
  }

  /** Whether some tries have spoken against its health, and not yet enough. */
  get inDoubt(): boolean {
    return this.against > 0;
  }

  /** A try went well at this time (monotonic milliseconds). */
  worked(now: number): void {
    this.provenAt = now;
    this.count(true, 'it answers again');
  }

  /** A miner's dial went well at this time. Where more is asked of the pool than a connection, it proves nothing. */
  connected(now: number): void {
    if (this.options.health.kind === 'tcp') this.worked(now);
  }

  /** A try failed; why, in words for people. Tries that failed by the very same error, as those who waited for one name, count once. */
  failed(why: string, cause?: Error): void {
    if (cause !== undefined && cause === this.lastCause) return;
    this.lastCause = cause;
    this.count(false, why);
  }

  /** Takes it out of use or back, by hand. False where it was so already. */
  setDrained(drained: boolean): boolean {
    if (this.drained === drained) return false;
    this.drained = drained;
    this.entered(drained ? 'drained by hand' : 'resumed by hand');
    return true;
  }

  dialled(outcome: DialOutcome, latencyMs?: number): void {
    this.dials.set(outcome, (this.dials.get(outcome) ?? 0) + 1);
    if (latencyMs !== undefined) this.dialLatencyMs = latencyMs;
  }

  /** Addresses in the order to try them: one that failed lately comes last. */
  inOrder(addresses: readonly string[]): string[] {
    const failedAt = (address: string) => this.failedAddresses.get(address) ?? 0;
    for (const address of this.failedAddresses.keys()) {
      if (!addresses.includes(address)) this.failedAddresses.delete(address);
    }
    return [...addresses].sort((a, b) => failedAt(a) - failedAt(b));
  }

  addressFailed(address: string, now: number): void {
    this.failedAddresses.set(address, now);
  }

  addressWorked(address: string): void {
    this.failedAddresses.delete(address);
  }

  private count(good: boolean, why: string): void {
    if (good === this.up) {
      this.against = 0;
      return;
    }
    this.against += 1;
    const { fall, rise } = this.options.health;
    if (this.against < (this.up ? fall : rise)) return;
    this.against = 0;
    this.up = good;
    this.entered(why);
    this.changed(this, why);
  }

  private entered(reason: string): void {
    this.reason = reason;
    this.since = Date.now();
  }
}

/** Whom a dial is for: the miner's connection, as a PROXY header tells it; undefined for a check of our own. */
export interface DialEnds {
  readonly source: Endpoint;
  readonly destination: Endpoint;
}
