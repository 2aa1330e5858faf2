import { withLoad } from './with-load.mjs';

/** What one relay costs under shares and jobs, and what it adds; the load alone where `relay` is null. */
export function measureLoad(relay, scenario) {
  return withLoad(relay, scenario, async ({ load, running, emptyBytes, memory, cpu, ledgerCpu }) => {
    await load.line((line) => line.event === 'begin');
    const before = { all: cpu(), ledger: ledgerCpu() };
    await load.line((line) => line.event === 'end');
    const used = { all: cpu() - before.all, ledger: ledgerCpu() - before.ledger };
    const fullBytes = memory();
    const figures = await load.line((line) => line.event === 'figures');
    if (!running) return figures;
    return {
      ...figures,
      cpuPerMessage: used.all / figures.messages,
      ledgerPerMessage: used.ledger / figures.messages,
      relayBusy: used.all / 1e6 / figures.seconds,
      kilobytesPerSession: (fullBytes - emptyBytes) / 1000 / scenario.sessions,
    };
  });
}
