import type { PoolOptions } from './relay-options';
import type { RelaySocket, SocketReading } from './socket-reading';

const KEEP_ALIVE_AFTER_MS = 60_000;

/** Failed dials in a row after which a pool counts as down; one success makes it up again. */
const FALL = 3;

/** `host:port`, the pool's name in metrics and logs; an IPv6 address stands in brackets. */
export function poolHostOf({ host, port }: PoolOptions): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** One upstream: how to reach it, and what is known of it from those who tried. */
export class Pool {
  readonly poolHost: string;
  sessions = 0;
  private failuresInARow = 0;

  constructor(private readonly options: PoolOptions) {
    this.poolHost = poolHostOf(options);
  }

  /** False after several failed dials in a row. New sessions are still dialled: a miner's try is the probe. */
  get up(): boolean {
    return this.failuresInARow < FALL;
  }

  /** Starts a connection. The caller watches it and says how it went. */
  dial(reading: SocketReading): RelaySocket {
    const { host, port } = this.options;
    const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS };
    return reading.dial({ host, port, noDelay: true, ...keepAlive });
  }

  /** A dial went well. True if the pool was down until now. */
  reached(): boolean {
    const wasDown = !this.up;
    this.failuresInARow = 0;
    return wasDown;
  }

  /** A dial failed. True if the pool is down from now on. */
  missed(): boolean {
    this.failuresInARow += 1;
    return this.failuresInARow === FALL;
  }
}
