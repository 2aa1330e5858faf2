import { setTimeout as pause } from 'node:timers/promises';
import { withLoad } from './with-load.mjs';

const MINUTE_MS = 60_000;

/** Memory and CPU of a relay whose miners leave and come again all the time, minute by minute. */
export function measureSoak(relay, scenario) {
  return withLoad(relay, scenario, async ({ load, memory, cpu }) => {
    await load.line((line) => line.event === 'begin');
    const megabytes = [memory() / 1e6];
    const seconds = [];
    for (let minute = 1; minute * MINUTE_MS <= scenario.measureMs; minute += 1) {
      const before = cpu();
      await pause(MINUTE_MS);
      seconds.push((cpu() - before) / 1e6);
      megabytes.push(memory() / 1e6);
      console.error(
        `  minute ${minute}: ${megabytes.at(-1).toFixed(1)} MB, ${seconds.at(-1).toFixed(1)} s of CPU`,
      );
    }
    const figures = await load.line((line) => line.event === 'figures');
    return {
      ...figures,
      cpuPerMinute: seconds[0],
      cpuPerMinuteAtEnd: seconds.at(-1),
      megabytes: megabytes[0],
      megabytesAtEnd: megabytes.at(-1),
      megabytesMost: Math.max(...megabytes),
      byMinute: { megabytes, seconds },
      relayBusy: seconds.reduce((sum, used) => sum + used, 0) / figures.seconds,
    };
  });
}
