import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { Request } from 'express';
import { Meters, type ClientNumbers } from '@mining-proxy/billing';
import { PROXY_CONFIG, type ProxySettings } from '@mining-proxy/config';
import { Relay } from '@mining-proxy/relay';
import { VERSION } from '../version';
import { mayAdminister } from './access';
import { Open, callerOf } from './access.guard';

/** `GET /status`: one look at the whole proxy. Who the clients are is for administrators. */
@Controller()
@Open()
export class StatusController {
  constructor(
    private readonly relay: Relay,
    private readonly meters: Meters,
    @Inject(PROXY_CONFIG) private readonly settings: ProxySettings,
  ) {}

  @Get('status')
  status(@Req() request: Request) {
    const { clients } = this.meters.read();
    const open = {
      version: VERSION,
      instance_id: this.settings.instanceId,
      uptime_s: Math.floor(process.uptime()),
      state: this.relay.state,
      active_connections: this.relay.activeSessions,
      max_connections: this.relay.maxConnections,
      pools: this.relay.pools.map(({ poolHost, up, sessions }) => ({ pool_host: poolHost, up, sessions })),
      totals: totalsOf(clients),
    };
    const authorised = mayAdminister(callerOf(request), this.settings.adminToken);
    return authorised ? { ...open, clients: clients.map(clientSummary) } : open;
  }
}

function clientSummary(numbers: ClientNumbers) {
  return { client_id: numbers.clientId, pool_host: numbers.poolHost, ...totalsOf([numbers]) };
}

function totalsOf(clients: readonly ClientNumbers[]) {
  const sum = (value: (numbers: ClientNumbers) => number) =>
    clients.reduce((total, numbers) => total + value(numbers), 0);
  return {
    connections: sum((n) => n.connections),
    active_connections: sum((n) => n.activeConnections),
    bytes_sent: sum((n) => n.bytesSent),
    bytes_received: sum((n) => n.bytesReceived),
    submits: sum((n) => n.counts.submits),
    accepted: sum((n) => n.counts.accepted),
    accepted_stale: sum((n) => n.counts.acceptedStale),
    rejected: sum((n) => n.counts.rejected),
    unknown: sum((n) => n.counts.unknown),
    unanswered: sum((n) => n.counts.unanswered),
    in_flight: sum((n) => n.sharesInFlight),
    accepted_difficulty: sum((n) => n.counts.acceptedDifficulty),
    accepted_hashes: sum((n) => n.counts.acceptedHashes),
  };
}
