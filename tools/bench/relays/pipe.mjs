import { resolve } from 'node:path';

export function pipeCommand({ pool, relay }) {
  return [process.execPath, resolve(import.meta.dirname, 'pipe-relay.mjs'), String(pool), String(relay)];
}
