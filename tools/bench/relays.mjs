import { resolve } from 'node:path';
import { haproxyCommand } from './relays/haproxy.mjs';
import { nginxCommand } from './relays/nginx.mjs';
import { pipeCommand } from './relays/pipe.mjs';
import { ensureProgram } from './relays/programs.mjs';
import { proxyCommand } from './relays/proxy.mjs';

/** What is measured side by side. `start` gets ports, a directory and perhaps a certificate, and gives the command to run. */
const RELAYS = [
  { name: 'mining-proxy', hasMetrics: true, quick: true, start: (place) => proxyCommand(place) },
  { name: 'mining-proxy, no inspection', start: (place) => proxyCommand(place, { inspection: false }) },
  { name: 'node pipe', start: pipeCommand },
  { name: 'haproxy', quick: true, program: 'haproxy', packages: ['haproxy'], start: haproxyCommand },
  {
    name: 'nginx',
    program: 'nginx',
    packages: ['nginx-light', 'libnginx-mod-stream'],
    start: nginxCommand,
    plainOnly: true,
  },
];

/** The relays that can run here; with `before` the build of another checkout, too. */
export function availableRelays({ before, ...options }) {
  const present = RELAYS.filter(
    ({ program, packages }) => !program || ensureProgram(program, packages, options),
  );
  if (!before) return present;
  return [
    {
      name: 'mining-proxy, before',
      hasMetrics: true,
      quick: true,
      start: (place) => proxyCommand(place, {}, resolve(before)),
    },
    ...present,
  ];
}

/** Those that a scenario is for. */
export function relaysOf(scenario, relays) {
  return relays.filter(
    ({ plainOnly, hasMetrics }) => !(scenario.tls && plainOnly) && !(scenario.scrapes && !hasMetrics),
  );
}
