const SECRET_FIELDS = [
  'password',
  'pass',
  'token',
  'secret',
  'authorization',
  'cookie',
  'admin_token',
  'adminToken',
  'metrics_token',
  'metricsToken',
  'database_url',
  'databaseUrl',
] as const;

export const REDACTED = '[redacted]';

/**
 * Where a line may hold a secret: in its fields, and one or two objects deep in them, as in
 * `config.proxy.adminToken` or `req.headers.authorization`. Paths, because pino knows no "anywhere".
 */
export const SECRET_PATHS: readonly string[] = [
  ...SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
  '*.headers["set-cookie"]',
];
