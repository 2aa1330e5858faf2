/** Bursts are as long as what a timer can be trusted with. */
const TICK_MS = 2;
/** Neighbours do not submit one after the other. */
const STRIDE = 7919;

/** Every miner sends its next share when the answer to the last one is there. Returns how to stop it. */
export function flatOut(miners, tally) {
  let stopped = false;
  for (const miner of miners) {
    miner.onAnswer = (latencyMs) => {
      tally.answer(latencyMs);
      if (!stopped) miner.submit();
    };
    miner.submit();
  }
  return () => (stopped = true);
}

/** So many shares a second by the miners in turn, and now and then a job for all of them. Returns how to stop it. */
export function paced(miners, tally, pool, { submitsPerSecond, jobEveryMs }) {
  for (const miner of miners) {
    miner.onAnswer = (latencyMs) => tally.answer(latencyMs);
    miner.onJob = () => tally.gotJob(miners.length);
  }
  const startedAt = performance.now();
  let due = 0;
  const pace = setInterval(() => {
    const until = ((performance.now() - startedAt) / 1000) * submitsPerSecond;
    for (; due < until; due += 1) if (!miners[(due * STRIDE) % miners.length].submit()) tally.missed();
  }, TICK_MS);
  const announce = jobEveryMs && setInterval(() => pool.announce(tally.newJob()), jobEveryMs);
  return () => {
    clearInterval(pace);
    clearInterval(announce);
  };
}
