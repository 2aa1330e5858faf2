import { setTimeout as pause } from 'node:timers/promises';
import { withLoad } from './with-load.mjs';

/**
 * `/metrics` under load: how long it takes, what CPU, and for how long it holds up shares. That is told by the worst
 * latency of a share while it was read, beside a span of the same length in which it was not.
 */
export function measureScrapes(relay, scenario) {
  const { times, spanMs } = scenario.scrapes;
  return withLoad(relay, scenario, async ({ load, running, cpu }) => {
    await load.line((line) => line.event === 'begin');
    const span = async (during) => {
      await load.ask('worst');
      const before = cpu();
      const said = await during?.();
      await pause(spanMs);
      return { ...said, cpu: (cpu() - before) / 1000, worst: (await load.ask('worst')).ms };
    };
    const spans = [];
    for (let n = 0; n < times; n += 1) {
      spans.push({ quiet: await span(), scraped: await span(() => scrape(running.httpPort)) });
    }
    return {
      scrapeMs: middle(spans.map(({ scraped }) => scraped.ms)),
      pageKilobytes: middle(spans.map(({ scraped }) => scraped.bytes / 1000)),
      cpuOfScrape: middle(spans.map(({ quiet, scraped }) => scraped.cpu - quiet.cpu)),
      worstQuiet: middle(spans.map(({ quiet }) => quiet.worst)),
      worstScraped: middle(spans.map(({ scraped }) => scraped.worst)),
    };
  });
}

async function scrape(port) {
  const startedAt = performance.now();
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return { ms: performance.now() - startedAt, bytes: Buffer.byteLength(page) };
}

function middle(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
