import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { untrusted } from '@mining-proxy/logger';
import {
  REJECTION_CAUSES,
  Relay,
  type RejectedConnection,
  type RejectionCause,
  type RelayEvents,
} from '@mining-proxy/relay';
import { STRATUM_TRANSPORT, type RelayPattern, type RelayPatterns } from './relay-patterns';
import { RepeatedFault } from './repeated-fault';

/** At most one line in this time for each cause, however many connections could not be accepted or are refused. */
const REFUSALS_EVERY_MS = 10_000;

type RelayListeners = { [E in keyof RelayEvents]: (...args: RelayEvents[E]) => void };

/**
 * The relay as a transport of Nest: starts and drains it with the application and publishes what happens to
 * sessions and pools to `@EventPattern` handlers. Bytes and shares never come through here.
 */
@Injectable()
export class StratumRelayServer
  extends Server<RelayListeners, 'listening' | 'draining' | 'closed'>
  implements CustomTransportStrategy, BeforeApplicationShutdown
{
  // Without an id Nest would hand over every handler of the application, whatever its transport.
  override transportId = STRATUM_TRANSPORT;
  protected override readonly logger = new Logger(StratumRelayServer.name);
  private readonly handlers = new Map<RelayPattern, MessageHandler[]>();
  private readonly acceptFault = new RepeatedFault(REFUSALS_EVERY_MS);
  private readonly bans = new RepeatedFault(REFUSALS_EVERY_MS);
  private readonly refusals = new Map(
    REJECTION_CAUSES.map((cause) => [cause, new RepeatedFault(REFUSALS_EVERY_MS)]),
  );

  constructor(private readonly relay: Relay) {
    super();
  }

  /**
   * Called by Nest for each handler, before `listen`. Every handler stands alone: chained, as Nest has them, one
   * that throws takes the streams of the others with it.
   */
  override addHandler(...given: Parameters<Server['addHandler']>): void {
    const [pattern, handler] = given as [RelayPattern, MessageHandler];
    const others = this.handlers.get(pattern);
    if (others) others.push(handler);
    else {
      this.handlers.set(pattern, [handler]);
      super.addHandler(...given);
    }
  }

  /** Calls back exactly once, on success or on any error: Nest waits for nothing else. */
  listen(callback: (error?: unknown) => void): void {
    this.publishEvents();
    this.relay.listen().then(() => {
      // Not if it was told to stop meanwhile.
      if (this.relay.state === 'listening') this._status$.next('listening');
      callback();
    }, callback);
  }

  /** HTTP is still up here: readiness says 503, and the last numbers can be scraped while miners leave. */
  async beforeApplicationShutdown(): Promise<void> {
    if (this.relay.state !== 'listening') return;
    this._status$.next('draining');
    this.logger.log(`draining ${this.relay.activeSessions} sessions`);
    const { closed, cut } = await this.relay.drain();
    this.logger.log(`drained: ${closed} sessions closed in order, ${cut} cut off`);
  }

  /** After a drain nothing is left to do. */
  async close(): Promise<void> {
    await this.relay.close();
    this._status$.next('closed');
  }

  /** Works before `listen` as well. */
  on<E extends keyof RelayListeners>(event: E, listener: RelayListeners[E]): void {
    // The two types say the same; TypeScript does not see it through the mapped type.
    this.relay.events.on(event, listener as never);
  }

  /** The bound `net.Server`s, in the order of the listeners. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature is Nest's
  unwrap<T>(): T {
    return this.relay.netServers as T;
  }

  private publishEvents(): void {
    const { events } = this.relay;
    events.on('opened', (session) => this.publish('session.opened', { session }));
    events.on('identified', (session, { clientId, worker }) =>
      this.publish('session.identified', { session, clientId, worker }),
    );
    events.on('closed', (session, end) => this.publish('session.closed', { session, end }));
    events.on('poolDown', ({ name: pool, poolHost }, reason) =>
      this.publish('pool.down', { pool, poolHost, reason }),
    );
    events.on('poolUp', ({ name: pool, poolHost }, reason) =>
      this.publish('pool.up', { pool, poolHost, reason }),
    );
    events.on('certificate', (listener, fault) => this.certificateSeen(listener, fault));
    events.on('fault', ({ id }, fault) =>
      this.logger.error({ err: fault, sessionId: id }, 'inspection failed: the session goes on unmeasured'),
    );
    events.on('listenerFault', (listener, error) => this.notAccepted(listener, error));
    events.on('rejected', (cause, connection) => this.turnedAway(cause, connection));
    events.on('banned', (address) => this.addressBanned(address));
  }

  /** Comes with every connection that waits while there is no descriptor for it. */
  private notAccepted(listener: string, error: Error): void {
    const count = this.acceptFault.happened();
    if (count === undefined) return;
    this.logger.error({ err: error, listener, count }, 'a connection could not be accepted');
  }

  private certificateSeen(listener: string, fault: Error | undefined): void {
    if (fault === undefined) this.logger.log({ listener }, 'a new certificate holds for new connections');
    else
      this.logger.error(
        { err: fault, listener },
        'the new certificate cannot be used: the old one still holds',
      );
  }

  /** Comes with every miner that connects to a full proxy, and they all come again. */
  private turnedAway(
    reason: RejectionCause,
    { listener, remoteAddress, clientId }: RejectedConnection,
  ): void {
    // Whoever had left by itself was not refused: port scanners and health checks do that.
    if (reason === 'gone') return;
    const count = this.refusals.get(reason)?.happened();
    if (count === undefined) return;
    const who = {
      listener,
      remoteAddress,
      ...(clientId === undefined ? {} : { clientId: untrusted(clientId) }),
    };
    this.logger.warn({ reason, count, last: who }, 'connections turned away');
  }

  private addressBanned(address: string): void {
    const count = this.bans.happened();
    if (count === undefined) return;
    this.logger.warn({ address, count }, 'addresses banned for a while: they send only junk');
  }

  private publish<P extends RelayPattern>(pattern: P, data: RelayPatterns[P]): void {
    // Not by Nest's own look-up, which parses the pattern on every event.
    for (const handler of this.handlers.get(pattern) ?? []) {
      this.deliver(handler, data).catch((error: unknown) =>
        this.logger.error({ err: error, pattern }, 'a handler of a relay event failed'),
      );
    }
  }

  /** A handler may answer with a stream, which runs only when it is subscribed to. */
  private async deliver(handler: MessageHandler, data: unknown): Promise<void> {
    const result: unknown = await handler(data);
    if (result === undefined) return;
    await lastValueFrom(this.transformToObservable(result), { defaultValue: undefined });
  }
}
