import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { dialFailure, type CloseReason } from '../session/close-reason';
import type { DialTarget, RelaySocket, SocketReading } from '../sockets/socket-reading';
import type { DialFailureCode, PoolTls } from './pool';
import { certificateFault, secureDial, type TlsTarget } from './pool-tls';

/** Why a pool could not be reached. */
export type DialFailure = CloseReason & { readonly code: DialFailureCode };

/** Tells once how it went: undefined where the connection is up. */
export type AddressResult = (failure: DialFailure | undefined) => void;

/** One connection to one address of a pool, with its PROXY header and its TLS handshake. */
export class AddressDial {
  readonly upstream: RelaySocket;
  /** What the pool said before anybody was told that it is there. */
  readonly early: Buffer[] = [];

  private connected = false;
  private timer: NodeJS.Timeout | undefined;
  private result: AddressResult = () => undefined;

  constructor(
    reading: SocketReading,
    target: DialTarget,
    private readonly how: {
      readonly header: Buffer | undefined;
      readonly tls: (PoolTls & TlsTarget) | null;
    },
  ) {
    const { header, tls } = how;
    this.upstream = tls === null ? reading.dial(target) : secureDial(reading, target, { tls, header });
    this.upstream.onChunk = (chunk) => this.early.push(chunk);
  }

  start(limitMs: number, result: AddressResult): void {
    const { socket } = this;
    this.result = result;
    socket.on('error', this.onError).on('close', this.onClose).on('connect', this.onConnect);
    if (this.how.tls !== null) socket.on('secureConnect', this.onSecure);
    // Node cuts off a part of a millisecond: what is left of a deadline is nearly always one.
    this.timer = setTimeout(this.onTimeout, Math.ceil(limitMs));
  }

  /** Nobody waits for it any more. */
  cancel(): void {
    this.let();
    this.socket.on('error', () => undefined).destroy();
  }

  private get socket(): Socket {
    return this.upstream.socket;
  }

  private readonly onConnect = (): void => {
    this.connected = true;
    const { header, tls } = this.how;
    if (tls !== null) return;
    if (header) this.socket.write(header);
    this.ready();
  };

  private readonly onSecure = (): void => {
    const { tls } = this.how;
    const fault = tls && this.socket instanceof TLSSocket ? certificateFault(this.socket, tls) : undefined;
    if (fault) this.fail({ side: 'upstream', code: 'TLS_UNVERIFIED', cause: fault });
    else this.ready();
  };

  private readonly onError = (cause: Error): void => {
    if (this.connected) this.fail({ side: 'upstream', code: 'TLS_HANDSHAKE', cause });
    else this.fail(failureOf(cause));
  };

  private readonly onClose = (): void => this.onError(new Error('the pool closed the connection'));

  private readonly onTimeout = (): void => {
    const cause = new Error(
      this.connected ? 'the TLS handshake took too long' : 'the pool did not answer in time',
    );
    this.fail({ side: 'upstream', code: this.connected ? 'TLS_HANDSHAKE' : 'DIAL_TIMEOUT', cause });
  };

  private ready(): void {
    this.let();
    this.result(undefined);
  }

  private fail(failure: DialFailure): void {
    this.cancel();
    this.result(failure);
  }

  /** Lets go of the socket: whoever has it from here on listens to it. */
  private let(): void {
    clearTimeout(this.timer);
    const { socket } = this;
    socket.off('error', this.onError).off('close', this.onClose).off('connect', this.onConnect);
    socket.off('secureConnect', this.onSecure);
  }
}

/** What a failed connection means: the pool's doing, or what this machine lacked for it. */
export function failureOf(cause: NodeJS.ErrnoException): DialFailure {
  return dialFailure(cause) as DialFailure;
}
