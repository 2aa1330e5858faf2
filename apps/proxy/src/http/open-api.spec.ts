import { LedgerError, UsageStore } from '@mining-proxy/billing';
import { bearer, type Answer } from '../testing/ask';
import { RunningProxy } from '../testing/running-proxy';
import { ADMIN_TOKEN, METRICS_TOKEN } from '../testing/test-config';
import { TestLog } from '../testing/test-log';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Described {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly responses: Readonly<Record<string, Described>>;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

const ADMIN = bearer(ADMIN_TOKEN);
const PROBLEM = 'application/problem+json';

/** Every operation, with the errors that it can answer and the tokens that it knows; `open`: also without one. */
const OPERATIONS: Readonly<Record<string, { errors: readonly number[]; tokens: readonly string[] }>> = {
  'get /healthz': { errors: [500], tokens: [] },
  'get /readyz': { errors: [500, 503], tokens: [] },
  'get /status': { errors: [429, 500], tokens: ['bearer', 'open'] },
  'get /metrics': { errors: [401, 429, 500], tokens: ['metrics_token', 'open'] },
  'get /sessions': { errors: [400, 401, 403, 429, 500], tokens: ['bearer'] },
  'get /sessions/refused': { errors: [401, 403, 429, 500], tokens: ['bearer'] },
  'delete /sessions/{id}': { errors: [401, 403, 404, 429, 500], tokens: ['bearer'] },
  'delete /clients/{client_id}/sessions': { errors: [401, 403, 429, 500], tokens: ['bearer'] },
  'get /me': { errors: [401, 429, 500], tokens: ['bearer'] },
  'post /sign-in': { errors: [401, 429, 500], tokens: ['bearer', 'open'] },
  'post /sign-out': { errors: [429, 500], tokens: ['open'] },
  'get /events': { errors: [401, 429, 500, 503], tokens: ['bearer'] },
  'get /workers': { errors: [400, 401, 403, 429, 500], tokens: ['bearer'] },
  'get /history': { errors: [400, 401, 403, 429, 500, 503], tokens: ['bearer'] },
  'get /blocks': { errors: [400, 401, 403, 429, 500, 503], tokens: ['bearer'] },
  'post /reload': { errors: [401, 403, 422, 429, 500], tokens: ['bearer'] },
  'get /pools': { errors: [401, 403, 429, 500], tokens: ['bearer'] },
  'post /pools/{name}/drain': { errors: [401, 403, 404, 429, 500], tokens: ['bearer'] },
  'post /pools/{name}/resume': { errors: [401, 403, 404, 429, 500], tokens: ['bearer'] },
  'get /billing/usage': { errors: [400, 401, 403, 429, 500, 503], tokens: ['bearer'] },
  'get /billing/statements/{client_id}/{month}': {
    errors: [400, 401, 403, 429, 500, 503],
    tokens: ['bearer'],
  },
  'get /billing/public-key': { errors: [404, 429, 500], tokens: ['open'] },
  'post /billing/periods/{month}/close': { errors: [400, 401, 403, 409, 429, 500, 503], tokens: ['bearer'] },
};

describe('the OpenAPI document', () => {
  const log = new TestLog();
  let proxy: RunningProxy;
  let document: OpenApi;

  beforeAll(async () => {
    proxy = await RunningProxy.create(log, { adminToken: ADMIN_TOKEN, metricsToken: METRICS_TOKEN });
    document = (await proxy.ask('/docs/openapi.json')).json() as unknown as OpenApi;
  });
  afterAll(() => proxy.stop());

  it('has for each operation its errors and its tokens, and no other operations', () => {
    const described = Object.fromEntries(
      operations().map(([name, { responses, security = [] }]) => {
        const tokens = security.flatMap((entry) =>
          Object.keys(entry).length === 0 ? ['open'] : Object.keys(entry),
        );
        const errors = Object.keys(responses).map(Number);
        return [name, { errors: errors.filter((status) => status >= 300).sort(), tokens: tokens.sort() }];
      }),
    );
    expect(described).toEqual(OPERATIONS);
    expect(Object.keys(document.components.securitySchemes).sort()).toEqual(['bearer', 'metrics_token']);
  });

  it('has a schema and words for every answer, and the problem for every error but the 503 of /readyz', () => {
    for (const [name, { responses }] of operations()) {
      for (const [status, { content = {}, description }] of Object.entries(responses)) {
        const [type = '', { schema } = {}] = Object.entries(content)[0] ?? [];
        const answer = `${name} ${status}`;
        if (status === '204') continue;
        expect([answer, Object.keys(resolved(schema)).length > 0]).toEqual([answer, true]);
        if (status.startsWith('2') || answer === 'get /readyz 503') continue;
        expect([answer, type, schema?.$ref]).toEqual([answer, PROBLEM, '#/components/schemas/Problem']);
        expect([answer, description]).toEqual([answer, expect.stringMatching(/\w/)]);
      }
    }
  });

  it.each([
    ['get /healthz', '/healthz', 200, {}],
    ['get /readyz', '/readyz', 503, {}],
    ['get /status', '/status', 200, {}],
    ['get /status', '/status', 200, ADMIN],
    ['get /metrics', '/metrics', 401, {}],
    ['get /metrics', '/metrics', 200, bearer(METRICS_TOKEN)],
    ['get /sessions', '/sessions', 401, {}],
    ['get /sessions', '/sessions?limit=0', 400, ADMIN],
    ['get /sessions', '/sessions', 200, ADMIN],
    ['get /billing/usage', '/billing/usage', 401, {}],
    ['get /billing/usage', '/billing/usage?from=soon', 400, ADMIN],
    ['get /billing/usage', '/billing/usage', 200, ADMIN],
    ['get /billing/statements/{client_id}/{month}', '/billing/statements/acme/2026-11', 200, ADMIN],
    ['get /billing/statements/{client_id}/{month}', '/billing/statements/acme/2026-11', 401, {}],
    [
      'get /billing/statements/{client_id}/{month}',
      '/billing/statements/acme/2026-11?format=xml',
      400,
      ADMIN,
    ],
    ['post /billing/periods/{month}/close', '/billing/periods/2026-11/close', 401, {}],
    ['post /billing/periods/{month}/close', '/billing/periods/november/close', 400, ADMIN],
    ['post /billing/periods/{month}/close', '/billing/periods/2999-12/close', 409, ADMIN],
  ])('describes what %s answers: %s with %i', async (name, path, status, options) => {
    const method = name.startsWith('post') ? 'POST' : 'GET';
    isAsDescribed(name, status, await proxy.ask(path, { ...options, method }));
  });

  it('describes the 503 of a ledger that is gone', async () => {
    const gone = new LedgerError({ code: 'LEDGER_GONE', message: 'gone' });
    const close = jest.spyOn(proxy.app.get(UsageStore).reports, 'close').mockRejectedValueOnce(gone);
    const answer = await proxy.ask('/billing/periods/2026-11/close', { ...ADMIN, method: 'POST' });
    close.mockRestore();
    isAsDescribed('post /billing/periods/{month}/close', 503, answer);
  });

  function operations(): [name: string, Operation][] {
    return Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, Operation] => [
        `${method} ${path}`,
        operation,
      ]),
    );
  }

  /** The schema itself, where there may be a reference to it. */
  function resolved(schema: Schema = {}): Schema {
    return schema.$ref === undefined
      ? schema
      : (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  }

  /** The answer has the status, a content type and headers that are described, and the schema's properties. */
  function isAsDescribed(name: string, status: number, answer: Answer): void {
    expect(answer.status).toBe(status);
    const described = operations().find(([other]) => other === name)?.[1].responses[String(status)];
    const type = answer.headers['content-type']?.split(';')[0] ?? '';
    expect(Object.keys(described?.content ?? {})).toContain(type);
    for (const header of Object.keys(described?.headers ?? {})) {
      expect(answer.headers).toHaveProperty(header.toLowerCase());
    }
    const { properties, required = [] } = resolved(described?.content?.[type]?.schema);
    if (!properties) {
      expect(type).toBe('text/plain');
      return;
    }
    const given = Object.keys(answer.json());
    expect(given).toEqual(expect.arrayContaining([...required]));
    expect(Object.keys(properties)).toEqual(expect.arrayContaining(given));
  }
});
