import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { churn, comings } from './comings.mjs';
import { comeAll, fleetOf } from './fleet.mjs';
import { flatOut, paced } from './paces.mjs';
import { Pool } from './pool.mjs';
import { Tally } from './tally.mjs';

/**
 * The load of the benchmark: a pool and its miners in one process, so that both ends read one clock.
 * Lean on purpose (no parsing beyond what it needs): it must cost less than what it measures.
 *
 * Speaks with the benchmark in JSON lines: says the pool's port, is told where the miners are to go, says when
 * measuring begins and ends, prints its figures, and is asked for the worst latency since it was asked last.
 */
const scenario = JSON.parse(process.argv[2]);
const pool = new Pool();
const tally = new Tally();
createInterface({ input: process.stdin }).on('line', (text) => {
  const said = JSON.parse(text);
  if (said.ask === 'worst') tell({ answer: said.number, ms: tally.takeWorst() });
  else void run(said);
});
tell({ poolPort: await pool.listen() });

async function run(relay) {
  const miners = fleetOf(scenario);
  if (scenario.comings) await comings(miners, relay, pool, scenario.comings, tell);
  else await work(miners, relay);
  process.exit(0);
}

async function work(miners, relay) {
  await comeAll(miners, relay);
  const stop = scenario.submitsPerSecond ? paced(miners, tally, pool, scenario) : flatOut(miners, tally);
  const turnover = churn(miners, relay, scenario);
  await pause(scenario.warmUpMs);
  tally.begin();
  tell({ event: 'begin' });
  await pause(scenario.measureMs);
  const figures = tally.end(miners.length);
  tell({ event: 'end' });
  stop();
  tell({ event: 'figures', ...figures, returns: turnover.end() });
}

function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
