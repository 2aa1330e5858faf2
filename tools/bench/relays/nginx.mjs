import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './programs.mjs';

const MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** `stream`, one worker. */
export function nginxCommand({ ports, directory }) {
  const file = join(directory, 'nginx.conf');
  writeFileSync(
    file,
    `${existsSync(MODULE) ? `load_module ${MODULE};` : ''}
daemon off;
worker_processes 1;
pid ${join(directory, 'nginx.pid')};
error_log stderr error;
events { worker_connections 16000; }
stream {
  server {
    listen 127.0.0.1:${ports.relay} backlog=4096;
    proxy_pass 127.0.0.1:${ports.pool};
    proxy_timeout 1h;
    tcp_nodelay on;
  }
}
`,
  );
  return [findProgram('nginx'), '-p', directory, '-c', file, '-e', 'stderr'];
}
