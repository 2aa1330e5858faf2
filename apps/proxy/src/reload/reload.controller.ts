import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { NeedsToken } from '../http/access.guard';
import { ApiProblems } from '../http/problem.dto';
import { Reload } from './reload';

/** What a reload changed. */
export class ReloadAnswer {
  @ApiProperty({ type: [String], example: ['proxy.max_connections', 'pools[eu].weight'] })
  changes!: readonly string[];
}

/** `POST /reload`: reads the configuration again. For administrators. */
@Controller()
@ApiTags('configuration')
@ApiBearerAuth()
export class ReloadController {
  constructor(private readonly reloading: Reload) {}

  @Post('reload')
  @NeedsToken()
  @HttpCode(200)
  @ApiOperation({ summary: 'Reads the configuration again and takes it over, as a whole or not at all' })
  @ApiOkResponse({ type: ReloadAnswer })
  @ApiProblems(401, 403, 422, 429)
  reload(): ReloadAnswer {
    return this.reloading.run();
  }
}
