import type { NestExpressApplication } from '@nestjs/platform-express';
import { ApiBearerAuth, ApiSecurity, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { MetricsController } from '@mining-proxy/metrics';
import { VERSION } from '../version';
import { ApiProblems } from './problem.dto';

/** The scheme of `/metrics`, which has a token of its own. */
const METRICS_TOKEN = 'metrics_token';

// Its lib describes what the route answers; who may ask is decided here.
for (const describe of [ApiSecurity({}), ApiBearerAuth(METRICS_TOKEN), ApiProblems(401, 429)]) {
  describe(MetricsController);
}

/** Serves the description of the HTTP side at `/docs`, for people, and at `/docs/openapi.json`, for programs. */
export function serveOpenApi(app: NestExpressApplication): void {
  const description = new DocumentBuilder()
    .setTitle('Mining proxy')
    .setDescription(
      'Status, sessions and health of a transparent Stratum proxy. Errors are RFC 9457 problem details.',
    )
    .setVersion(VERSION)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: '`proxy.admin_token`' })
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: '`proxy.metrics_token`, where one is set' },
      METRICS_TOKEN,
    )
    .build();
  const document = SwaggerModule.createDocument(app, description);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'docs/openapi.json' });
}
