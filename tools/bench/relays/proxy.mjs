import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../../run.mjs';

/** Writes this proxy's configuration and gives the command that runs it. */
export function proxyCommand({ pool, relay }, directory, settings = {}) {
  const proxy = {
    ...{ bind_address: '127.0.0.1', bind_port: relay, pool_host: '127.0.0.1', pool_port: pool },
    ...{ metrics_bind_address: '127.0.0.1', metrics_port: 0, max_connections: 20_000, log_level: 'warn' },
    ...{ data_dir: join(directory, 'data'), drain_timeout_ms: 500, ...settings },
  };
  writeFileSync(join(directory, 'config.json'), JSON.stringify({ proxy }));
  return [process.execPath, resolve(root, 'dist/apps/proxy/main.js')];
}
