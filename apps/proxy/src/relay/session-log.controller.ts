import { Controller, Inject } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { LOG, untrusted, type Log } from '@mining-proxy/logger';
import type { SessionEnd } from '@mining-proxy/relay';
import { STRATUM_TRANSPORT, type RelayPatterns } from './relay-patterns';

/** The structured log of sessions and pools: facts in fields, one line for each event. */
@Controller()
export class SessionLogController {
  constructor(@Inject(LOG) private readonly log: Log) {}

  @EventPattern('session.opened', STRATUM_TRANSPORT)
  opened(@Payload() { session }: RelayPatterns['session.opened']): void {
    const { id, listener, poolHost, remoteAddress, remotePort } = session;
    this.log.info({ sessionId: id, listener, poolHost, remoteAddress, remotePort }, 'session opened');
  }

  @EventPattern('session.identified', STRATUM_TRANSPORT)
  identified(@Payload() { session, clientId, worker }: RelayPatterns['session.identified']): void {
    const who = { clientId: untrusted(clientId), worker: worker === undefined ? null : untrusted(worker) };
    this.log.debug({ sessionId: session.id, ...who }, 'session identified');
  }

  @EventPattern('session.closed', STRATUM_TRANSPORT)
  closed(@Payload() { session, end }: RelayPatterns['session.closed']): void {
    const fields = {
      sessionId: session.id,
      listener: session.listener,
      poolHost: session.poolHost,
      remoteAddress: session.remoteAddress,
      ...facts(end),
      bytesToUpstream: session.bytesToUpstream,
      bytesToDownstream: session.bytesToDownstream,
    };
    if (needsAttention(end)) this.log.warn(fields, 'session closed');
    else this.log.info(fields, 'session closed');
  }

  @EventPattern('pool.down', STRATUM_TRANSPORT)
  poolDown(@Payload() change: RelayPatterns['pool.down']): void {
    this.log.error({ ...change }, 'pool down: it gets no new sessions');
  }

  @EventPattern('pool.up', STRATUM_TRANSPORT)
  poolUp(@Payload() change: RelayPatterns['pool.up']): void {
    this.log.info({ ...change }, 'pool up again');
  }
}

function facts({ reason, durationMs, undeliveredToUpstream, undeliveredToDownstream, proof }: SessionEnd) {
  return {
    side: reason.side,
    code: reason.code,
    cause: reason.cause?.message,
    durationMs: Math.round(durationMs),
    undeliveredToUpstream,
    undeliveredToDownstream,
    ...(proof === undefined ? {} : { proof }),
  };
}

/** Ends that the peers choose, and those that somebody here chose. */
const ORDINARY: ReadonlySet<string> = new Set([
  ...['ENDED', 'RESET', 'DRAIN', 'POOL_DRAINED', 'POOL_REMOVED', 'FAILBACK'],
  ...['SUSPENDED', 'CLIENT_LIMIT', 'DENIED', 'OPERATOR'],
]);

function needsAttention({ reason }: SessionEnd): boolean {
  return !ORDINARY.has(reason.code);
}
