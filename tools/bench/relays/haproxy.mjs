import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './programs.mjs';

/** `mode tcp`, one thread. */
export function haproxyCommand({ pool, relay }, directory) {
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 9000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen stratum
  bind 127.0.0.1:${relay} backlog 4096
  server pool 127.0.0.1:${pool}
`,
  );
  return [findProgram('haproxy'), '-db', '-f', file];
}
