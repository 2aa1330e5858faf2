import { startLoad } from './load-process.mjs';
import { cpuMicroseconds, processTree, proportionalSetSize } from './processes.mjs';
import { startRelay } from './relay-process.mjs';

/** One relay under one scenario, or the load alone where `relay` is null. Resolves to its figures. */
export async function measure(relay, scenario) {
  const load = startLoad(scenario);
  let running;
  try {
    const { poolPort } = await load.line((line) => line.poolPort);
    running = relay ? await startRelay(relay, poolPort, scenario) : undefined;
    const pids = running ? processTree(running.pid) : [];
    const emptyBytes = proportionalSetSize(pids);
    // The pool itself has no TLS.
    load.send(running ? { port: running.port, tls: scenario.tls } : { port: poolPort });
    await load.line((line) => line.event === 'begin');
    const cpuBefore = cpuMicroseconds(pids);
    await load.line((line) => line.event === 'end');
    const cpu = cpuMicroseconds(pids) - cpuBefore;
    const fullBytes = proportionalSetSize(pids);
    const figures = await load.line((line) => line.event === 'figures');
    if (!running) return figures;
    return {
      ...figures,
      cpuPerMessage: cpu / figures.messages,
      relayBusy: cpu / 1e6 / figures.seconds,
      kilobytesPerSession: (fullBytes - emptyBytes) / 1000 / scenario.sessions,
    };
  } finally {
    load.end();
    await running?.stop();
  }
}
