import { withLoad } from './with-load.mjs';

/** What one relay costs under shares and jobs, and what it adds; the load alone where `relay` is null. */
export function measureLoad(relay, scenario) {
  return withLoad(relay, scenario, async ({ load, running, emptyBytes, memory, cpu }) => {
    await load.line((line) => line.event === 'begin');
    const before = cpu();
    await load.line((line) => line.event === 'end');
    const used = cpu() - before;
    const fullBytes = memory();
    const figures = await load.line((line) => line.event === 'figures');
    if (!running) return figures;
    return {
      ...figures,
      cpuPerMessage: used / figures.messages,
      relayBusy: used / 1e6 / figures.seconds,
      kilobytesPerSession: (fullBytes - emptyBytes) / 1000 / scenario.sessions,
    };
  });
}
