import { Controller, Get, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { Meters } from '@mining-proxy/billing';
import { ConfigInForce } from '@mining-proxy/config';
import { Relay } from '@mining-proxy/relay';
import { VERSION } from '../version';
import { mayAdminister } from './access';
import { Open, callerOf } from './access.guard';
import { ApiProblems } from './problem.dto';
import { poolsOf } from './pools.controller';
import { ClientStatus, StatusAnswer, StatusTotals } from './status.dto';

/** `GET /status`: one look at the whole proxy. Who the clients are is for administrators. */
@Controller()
@Open()
@ApiTags('status')
export class StatusController {
  constructor(
    private readonly relay: Relay,
    private readonly meters: Meters,
    private readonly config: ConfigInForce,
  ) {}

  @Get('status')
  @ApiOperation({ summary: 'The whole proxy at one look, with the clients for administrators' })
  @ApiSecurity({})
  @ApiBearerAuth()
  @ApiOkResponse({ type: StatusAnswer })
  @ApiProblems(429)
  status(@Req() request: Request): StatusAnswer {
    const { clients } = this.meters.read();
    const { instanceId, adminToken } = this.config.current.proxy;
    const open = {
      version: VERSION,
      instance_id: instanceId,
      uptime_s: Math.floor(process.uptime()),
      state: this.relay.state,
      active_connections: this.relay.activeSessions,
      max_connections: this.relay.maxConnections,
      pools: poolsOf(this.relay, this.meters),
      totals: StatusTotals.of(clients),
    };
    const authorised = mayAdminister(callerOf(request), adminToken);
    return authorised ? { ...open, clients: clients.map((client) => ClientStatus.ofClient(client)) } : open;
  }
}
