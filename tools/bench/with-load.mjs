import { startLoad } from './load-process.mjs';
import { cpuMicroseconds, processTree, proportionalSetSize } from './processes.mjs';
import { startRelay } from './relay-process.mjs';

/** Runs `body` while a load goes through the relay, or to the pool at once where `relay` is null; then ends both. */
export async function withLoad(relay, scenario, body) {
  const load = startLoad(scenario);
  let running;
  try {
    const { poolPort } = await load.line((line) => line.poolPort);
    running = relay ? await startRelay(relay, poolPort, scenario) : undefined;
    const pids = running ? processTree(running.pid) : [];
    const memory = () => proportionalSetSize(pids);
    const emptyBytes = memory();
    // The pool itself has no TLS.
    load.send(running ? { port: running.port, tls: scenario.tls } : { port: poolPort });
    const cpu = () => cpuMicroseconds(pids);
    const ledgerCpu = () => cpuMicroseconds(pids, { onlyNice: true });
    return await body({ load, running, emptyBytes, memory, cpu, ledgerCpu });
  } finally {
    load.end();
    await running?.stop();
  }
}
