import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './programs.mjs';

/** `mode tcp`, one thread. */
export function haproxyCommand({ ports, directory, certificate }) {
  const tls = certificate ? ` ssl crt ${certificate.bothFile}` : '';
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 9500
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen stratum
  bind 127.0.0.1:${ports.relay} backlog 4096${tls}
  server pool 127.0.0.1:${ports.pool}
`,
  );
  return [findProgram('haproxy'), '-db', '-f', file];
}
