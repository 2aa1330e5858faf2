import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../version';

/** Serves the description of the HTTP side at `/docs`, for people, and at `/docs/openapi.json`, for programs. */
export function serveOpenApi(app: NestExpressApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Mining proxy')
    .setDescription(
      'Status, sessions and health of a transparent Stratum proxy. Errors are RFC 9457 problem details.',
    )
    .setVersion(VERSION)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: '`proxy.admin_token`' })
    .build();
  const document = SwaggerModule.createDocument(app, description);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'docs/openapi.json' });
}
