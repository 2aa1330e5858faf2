import { Controller, Get, Header, NotFoundException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { StatementSigner } from '../billing/statement-signer';
import { Open } from './access.guard';
import { ApiProblems } from './problem.dto';

/** `GET /billing/public-key`: no secret, and no use to those who cannot get it. */
@Controller('billing')
@Open()
@ApiTags('billing')
export class PublicKeyController {
  constructor(private readonly signer: StatementSigner) {}

  @Get('public-key')
  @Header('Content-Type', 'application/x-pem-file')
  @ApiOperation({ summary: 'What signatures of statements are verified with: SPKI in PEM' })
  @ApiSecurity({})
  @ApiProduces('application/x-pem-file')
  @ApiOkResponse({ schema: { type: 'string' } })
  @ApiProblems(404, 429)
  publicKey(): string {
    const { publicKey } = this.signer;
    if (publicKey === undefined)
      throw new NotFoundException('Statements are not signed: `billing.signing_key_file` is not set.');
    return publicKey;
  }
}
