import {
  Controller,
  Get,
  Res,
  ServiceUnavailableException,
  type BeforeApplicationShutdown,
} from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ForClients, ViewedBy, Viewer } from '../http/access.guard';
import { ApiProblems } from '../http/problem.dto';
import { EventStream, MOST_VIEWERS } from './event-stream';
import { LiveSnapshots } from './live-snapshots';

/** `GET /events`: the numbers of the page, live. */
@Controller()
@ApiTags('page')
@ApiBearerAuth()
export class EventsController implements BeforeApplicationShutdown {
  private readonly stream: EventStream;

  constructor(snapshots: LiveSnapshots) {
    this.stream = new EventStream((clientId) => snapshots.take(clientId));
  }

  @Get('events')
  @ForClients()
  @ApiOperation({ summary: 'A snapshot every two seconds, as server-sent events' })
  @ApiOkResponse({
    content: { 'text/event-stream': { schema: { type: 'string' } } },
    description: 'Events `snapshot`',
  })
  @ApiProblems(401, 429, 503)
  events(@ViewedBy() viewer: Viewer, @Res() response: Response): void {
    if (this.stream.size >= MOST_VIEWERS)
      throw new ServiceUnavailableException('Too many are looking already.');
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    this.stream.add(response, viewer.clientId(undefined), viewer.mayStill);
  }

  beforeApplicationShutdown(): void {
    this.stream.close();
  }
}
