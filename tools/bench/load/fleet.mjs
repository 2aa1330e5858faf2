import { Miner } from './miner.mjs';

/** So many connect at the same time. */
const BATCH = 200;

/** The miners, dealt out to so many accounts. */
export function fleetOf({ sessions, accounts = 50 }) {
  return Array.from({ length: sessions }, (_, index) => new Miner(`acct${index % accounts}.rig${index}`));
}

/** Resolves when all of them are logged in. */
export async function comeAll(miners, relay) {
  const logins = [];
  for (let first = 0; first < miners.length; first += BATCH) {
    const batch = miners.slice(first, first + BATCH).map((miner) => miner.come(relay));
    for (const { login } of await Promise.all(batch)) logins.push(login);
  }
  await Promise.all(logins);
}
