import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { haproxyCommand } from './relays/haproxy.mjs';
import { nginxCommand } from './relays/nginx.mjs';
import { pipeCommand } from './relays/pipe.mjs';
import { ensureProgram } from './relays/programs.mjs';
import { proxyCommand } from './relays/proxy.mjs';

const NO_AUDIT = { audit: { submits_per_second: 0 } };

/** What is measured side by side. `start` gets ports, a directory and perhaps a certificate, and gives the command to run. */
const RELAYS = [
  { name: 'mining-proxy', hasMetrics: true, quick: true, start: (place) => proxyCommand(place) },
  { name: 'mining-proxy, no inspection', start: (place) => proxyCommand(place, { inspection: false }) },
  { name: 'mining-proxy, no audit', start: (place) => proxyCommand(place, {}, { sections: NO_AUDIT }) },
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

/** The relays that can run here; with `before` the build of another checkout, too, with `node` this one on another Node. */
export function availableRelays({ before, node, ...options }) {
  const present = RELAYS.filter(
    ({ program, packages }) => !program || ensureProgram(program, packages, options),
  );
  const another = { hasMetrics: true, quick: true };
  const older = before && {
    ...another,
    name: 'mining-proxy, before',
    start: (place) => proxyCommand(place, {}, { checkout: resolve(before) }),
  };
  const onNode = node && {
    ...another,
    name: `mining-proxy, Node ${execFileSync(node, ['--version']).toString().trim().slice(1)}`,
    start: (place) => proxyCommand(place, {}, { node }),
  };
  return [...[older, onNode].filter(Boolean), ...present];
}

/** Those that a scenario is for. */
export function relaysOf(scenario, relays) {
  return relays.filter(
    ({ plainOnly, hasMetrics }) =>
      !(scenario.tls && plainOnly) && !((scenario.scrapes || scenario.viewers) && !hasMetrics),
  );
}
