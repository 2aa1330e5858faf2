import { setTimeout as pause } from 'node:timers/promises';
import { comeAll } from './fleet.mjs';

/** Until what a coming or a leaving leads to (records, rows) is done. */
const SETTLE_MS = 500;

/** All miners come, and so many times leave and come again; says when each coming begins and ends. */
export async function comings(miners, relay, pool, { times }, tell) {
  for (let coming = 0; coming <= times; coming += 1) {
    if (coming > 0) await leaveAll(miners, pool);
    tell({ event: 'begin', coming });
    const startedAt = performance.now();
    await comeAll(miners, relay);
    const seconds = (performance.now() - startedAt) / 1000;
    await pause(SETTLE_MS);
    tell({ event: 'end', coming, seconds });
  }
}

/** One miner after the other leaves and comes again at once, where the scenario says so. `end` tells how many did. */
export function churn(miners, relay, { churnEveryMs }) {
  let returns = 0;
  const turn = async () => {
    const miner = miners[returns % miners.length];
    returns += 1;
    miner.leave();
    await (
      await miner.come(relay)
    ).login;
  };
  const timer = churnEveryMs && setInterval(() => void turn(), churnEveryMs);
  return {
    end: () => {
      clearInterval(timer);
      return returns;
    },
  };
}

async function leaveAll(miners, pool) {
  for (const miner of miners) miner.leave();
  await pool.empty();
  await pause(SETTLE_MS);
}
