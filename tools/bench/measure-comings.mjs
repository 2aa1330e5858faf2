import { withLoad } from './with-load.mjs';

/** CPU of a miner's coming (accept, dial, subscribe, authorize), by one relay: the first time, and when it is warm. */
export function measureComings(relay, scenario) {
  return withLoad(relay, scenario, async ({ load, cpu }) => {
    const costs = [];
    for (let coming = 0; coming <= scenario.comings.times; coming += 1) {
      const says = (event) => load.line((line) => line.event === event && line.coming === coming);
      await says('begin');
      const before = cpu();
      const { seconds } = await says('end');
      costs.push({ cpu: (cpu() - before) / scenario.sessions, seconds });
    }
    const [first, ...again] = costs;
    const middle = again.sort((a, b) => a.cpu - b.cpu)[Math.floor(again.length / 2)];
    return { cpuFirst: first.cpu, cpuAgain: middle.cpu, secondsAgain: middle.seconds };
  });
}
