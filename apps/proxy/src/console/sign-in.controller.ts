import { Controller, Get, HttpCode, Post, Req, Res, UnauthorizedException } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiSecurity,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ForClients, Open, ViewedBy, Viewer, callerOf } from '../http/access.guard';
import { Access, tokenOf } from '../http/access';
import { ApiProblems } from '../http/problem.dto';
import { SignIns } from './sign-ins';

/** Who asks. */
export class MeAnswer {
  @ApiProperty({ enum: ['admin', 'client'] })
  role!: 'admin' | 'client';

  @ApiProperty({ type: String, nullable: true, description: 'The client that a `view_token` shows' })
  client_id!: string | null;

  @ApiProperty({ description: 'By a cookie, and not by a token in the request or from this machine' })
  signed_in!: boolean;
}

/** A browser shows its token once, and has a cookie from then on. */
@Controller()
@ApiTags('page')
export class SignInController {
  constructor(
    private readonly signIns: SignIns,
    private readonly access: Access,
  ) {}

  @Get('me')
  @ForClients()
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Who asks: an administrator or a client' })
  @ApiOkResponse({ type: MeAnswer })
  @ApiProblems(401, 429)
  me(@ViewedBy() viewer: Viewer, @Req() request: Request): MeAnswer {
    const clientId = viewer.clientId(undefined) ?? null;
    const signed_in = this.signIns.tokenOf(request.headers) !== undefined;
    return { role: clientId === null ? 'admin' : 'client', client_id: clientId, signed_in };
  }

  @Post('sign-in')
  @Open()
  @HttpCode(204)
  @ApiSecurity({})
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Takes the token of the request, and answers with a cookie that stands for it for 12 hours',
  })
  @ApiNoContentResponse({ description: 'Signed in' })
  @ApiProblems(401, 429)
  enter(@Req() request: Request, @Res({ passthrough: true }) response: Response): void {
    const token = tokenOf(callerOf(request));
    if (token === '' || this.access.holderOf(token) === undefined) {
      throw new UnauthorizedException(
        'Send the admin_token or a view_token as "Authorization: Bearer <token>".',
      );
    }
    response.setHeader('Set-Cookie', this.signIns.enter(token, request.secure));
  }

  @Post('sign-out')
  @Open()
  @HttpCode(204)
  @ApiSecurity({})
  @ApiOperation({ summary: 'Ends the sign-in of the cookie' })
  @ApiNoContentResponse({ description: 'Signed out' })
  @ApiProblems(429)
  leave(@Req() request: Request, @Res({ passthrough: true }) response: Response): void {
    response.setHeader('Set-Cookie', this.signIns.leave(request.headers, request.secure));
  }
}
