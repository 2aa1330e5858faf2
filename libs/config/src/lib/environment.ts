/** The environment variables that set a key of the configuration, and how their text is read. */
export const ENVIRONMENT = {
  POOL_HOST: 'text',
  POOL_PORT: 'number',
  BIND_ADDRESS: 'text',
  BIND_PORT: 'number',
  METRICS_BIND_ADDRESS: 'text',
  METRICS_PORT: 'number',
  ADMIN_TOKEN: 'text',
  LOG_LEVEL: 'text',
  LOG_FORMAT: 'text',
  MAX_CONNECTIONS: 'number',
  CONNECTION_TIMEOUT_MS: 'number',
  IDLE_TIMEOUT_MS: 'number',
  DRAIN_TIMEOUT_MS: 'number',
  DATA_DIR: 'text',
  INSTANCE_ID: 'text',
  DATABASE_URL: 'text',
} as const;

export type EnvironmentName = keyof typeof ENVIRONMENT;

/** Names the JSON file that is read before the environment. */
export const CONFIG_FILE = 'CONFIG_FILE';

const DECIMAL = /^-?(?:0|[1-9]\d*)$/;

/**
 * The value of a variable; an empty one counts as not set.
 * Text that is no decimal number stays text, so that the key's own rule refuses it.
 */
export function environmentValue(name: EnvironmentName, env: NodeJS.ProcessEnv): string | number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  return ENVIRONMENT[name] === 'number' && DECIMAL.test(text) ? Number(text) : text;
}

/** The variable that names the file of a secret. */
export function fileVariableOf(name: EnvironmentName): string {
  return `${name}_FILE`;
}

/** Whether the environment can be named so in a fault. */
export function isEnvironmentName(path: string): boolean {
  return Object.hasOwn(ENVIRONMENT, path.replace(/_FILE$/, ''));
}
