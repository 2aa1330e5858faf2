import { resolve } from 'node:path';

/** Two sockets piped into each other by Node. */
export function pipeCommand({ ports, certificate }) {
  const program = resolve(import.meta.dirname, 'pipe-relay.mjs');
  const files = certificate ? [certificate.certFile, certificate.keyFile] : [];
  return [process.execPath, program, String(ports.pool), String(ports.relay), ...files];
}
