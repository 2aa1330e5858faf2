import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from '../../run.mjs';

const LOOPBACK = '127.0.0.1';

/**
 * Writes this proxy's configuration and gives the command that runs it: this checkout's build, or another's, or on another Node.
 * `settings` are of the section `proxy`, `sections` others.
 */
export function proxyCommand(
  { ports, directory, certificate },
  settings = {},
  { checkout = root, node = process.execPath, sections = {} } = {},
) {
  const proxy = {
    ...{ pool_host: LOOPBACK, pool_port: ports.pool, max_connections: 20_000, log_level: 'warn' },
    ...{ metrics_bind_address: LOOPBACK, metrics_port: ports.http, drain_timeout_ms: 500 },
    ...{ data_dir: join(directory, 'data'), ...settings },
  };
  const address = { bind_address: LOOPBACK, bind_port: ports.relay };
  const configuration = certificate
    ? { ...sections, proxy, listeners: [{ name: 'tls', ...address, tls: filesOf(certificate) }] }
    : { ...sections, proxy: { ...address, ...proxy } };
  writeFileSync(join(directory, 'config.json'), JSON.stringify(configuration));
  // As the image and the units start it.
  return [node, '--max-semi-space-size=2', resolve(checkout, 'dist/apps/proxy/main.js')];
}

function filesOf({ certFile, keyFile }) {
  return { cert_file: certFile, key_file: keyFile };
}
