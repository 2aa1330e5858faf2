import { isIP } from 'node:net';
import { encodeProxyHeader } from '../listeners/proxy-header';
import type { RelaySocket, SocketReading } from '../sockets/socket-reading';
import { AddressDial, failureOf, type DialFailure } from './address-dial';
import { findAddresses } from './name-lookup';
import type { DialEnds, Pool } from './pool';

/** A pool connection that is up: plain or in TLS, with the PROXY header on its way. */
export interface Reached {
  readonly upstream: RelaySocket;
  /** What the pool has said already. */
  readonly early: readonly Buffer[];
  readonly latencyMs: number;
}

/** Calls back once with one of the two, in the turn in which it is known. */
export interface DialResult {
  reached(reached: Reached, pool: Pool): void;
  failed(failure: DialFailure, pool: Pool): void;
}

/** What a dial needs beside its pool. Times are monotonic milliseconds. */
export interface DialOptions {
  readonly reading: SocketReading;
  readonly now: () => number;
  /** The dial is over at this time, whatever is left to try. */
  readonly deadlineAt: number;
  /** Whether there is another pool to try: then no address gets all of the time. */
  readonly hasNext: boolean;
  /** For the PROXY header; undefined where the connection is our own. */
  readonly ends: DialEnds | undefined;
}

/** One dial of one pool: looks its name up and tries each address in turn until one takes the connection. */
export class PoolDial {
  private addresses: string[] = [];
  private attempt: AddressDial | undefined;
  private timer: NodeJS.Timeout | undefined;
  private over = false;
  private readonly startedAt: number;

  constructor(
    readonly pool: Pool,
    private readonly options: DialOptions,
    private readonly result: DialResult,
  ) {
    this.startedAt = options.now();
  }

  start(): void {
    const { host } = this.pool.options;
    if (isIP(host) !== 0) {
      this.addresses = [host];
      this.tryNext();
      return;
    }
    this.timer = setTimeout(() => this.timedOut('its name was not found'), Math.ceil(this.timeLeft()));
    findAddresses(host, this.startedAt, (error, found) => {
      if (this.over) return;
      clearTimeout(this.timer);
      if (error) {
        this.fail(failureOf(error));
        return;
      }
      this.addresses = this.pool.inOrder(found);
      this.tryNext();
    });
  }

  /** Nobody wants the connection any more. The result is not told. */
  cancel(): void {
    if (!this.end()) return;
    this.attempt?.cancel();
  }

  private tryNext(): void {
    const address = this.addresses.shift();
    // A look-up that finds no address is an error.
    if (address === undefined) return;
    const attempt = this.dialAddress(address);
    this.attempt = attempt;
    const isLast = this.addresses.length === 0;
    const limitMs = Math.min(
      // Those behind it have their part: a check has no more time than one address alone could take.
      this.timeLeft() / (this.addresses.length + 1),
      isLast && !this.options.hasNext ? Infinity : this.pool.options.health.timeoutMs,
    );
    attempt.start(limitMs, (failure) => {
      if (failure === undefined) this.reached(attempt, address);
      else this.missed(failure, address);
    });
  }

  private reached({ upstream, early }: AddressDial, address: string): void {
    const latencyMs = this.options.now() - this.startedAt;
    this.pool.addressWorked(address);
    if (this.end()) this.result.reached({ upstream, early, latencyMs }, this.pool);
  }

  private missed(failure: DialFailure, address: string): void {
    const now = this.options.now();
    this.pool.addressFailed(address, now);
    const isOver = this.addresses.length === 0 || now >= this.options.deadlineAt;
    if (isOver || failure.code === 'LOCAL_LIMIT') this.fail(failure);
    else this.tryNext();
  }

  private dialAddress(address: string): AddressDial {
    const { host, port, tls, proxyProtocol } = this.pool.options;
    const { reading, ends } = this.options;
    const header = proxyProtocol === null ? undefined : encodeProxyHeader(proxyProtocol, ends);
    return new AddressDial(reading, { host: address, port }, { header, tls: tls && { ...tls, host } });
  }

  private timedOut(why: string): void {
    this.fail({ side: 'upstream', code: 'DIAL_TIMEOUT', cause: new Error(why) });
  }

  private timeLeft(): number {
    return Math.max(1, this.options.deadlineAt - this.options.now());
  }

  private fail(failure: DialFailure): void {
    if (this.end()) this.result.failed(failure, this.pool);
  }

  /** True the first time: there is one result. */
  private end(): boolean {
    if (this.over) return false;
    this.over = true;
    clearTimeout(this.timer);
    return true;
  }
}
