import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nx, root } from '../run.mjs';
import { measure } from './measure.mjs';
import { pinMyself } from './processes.mjs';
import { availableRelays, relaysOf } from './relays.mjs';
import { SCENARIOS } from './scenarios.mjs';
import { summarise } from './summary.mjs';
import { table } from './table.mjs';

/**
 * `pnpm bench`: this proxy and its peers under the same load, in one go and in turn, so that what the machine
 * does meanwhile hits all of them. Prints what was measured with ratios against HAProxy (or the first peer there is)
 * and their spread, and writes all of it to tmp/bench.json.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false }, // one round of the least that says something
    only: { type: 'string', multiple: true }, // scenarios
    relay: { type: 'string', multiple: true },
    before: { type: 'string' }, // another checkout, built, which is measured as well
    node: { type: 'string' }, // another Node's program, on which this build is measured as well
    install: { type: 'boolean', default: false },
  },
});
const say = (text) => console.error(text);
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
const chosen = (names) => (thing) =>
  names ? names.includes(thing.name) : !thing.long && (thing.quick || !values.quick);

if (cpus().length < 2 || process.platform !== 'linux') {
  say('The benchmark needs Linux and two CPUs: one for the relay, one for the load.');
  process.exit(1);
}
if ((await nx('run', 'proxy:build')) !== 0) process.exit(1);
pinMyself();

const relays = availableRelays({ ...values, say }).filter(chosen(values.relay));
const scenarios = SCENARIOS.filter(chosen(values.only));
const runs = [];
for (let round = 1; round <= rounds; round += 1) {
  for (const scenario of scenarios) {
    // What a relay adds is told by the load alone.
    if (scenario.shows.includes('addedP50')) await run(round, scenario, null);
    for (const relay of relaysOf(scenario, relays)) await run(round, scenario, relay);
  }
  // Nobody is always the first.
  relays.push(relays.shift());
}

const summary = summarise(runs, scenarios);
mkdirSync(resolve(root, 'tmp'), { recursive: true });
writeFileSync(
  resolve(root, 'tmp/bench.json'),
  `${JSON.stringify({ node: process.version, runs, summary }, null, 2)}\n`,
);
console.log(table(summary, scenarios));
say('\nEverything measured: tmp/bench.json');

async function run(round, scenario, relay) {
  const name = relay?.name ?? 'direct';
  say(`round ${round}/${rounds}, ${scenario.name}: ${name}`);
  try {
    runs.push({ ...(await measure(relay, scenario)), round, scenario: scenario.name, relay: name });
  } catch (error) {
    // One that cannot do this (a version without TLS, for one) is left out of it.
    say(`left out: ${error.message}`);
  }
}
