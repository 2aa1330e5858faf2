import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { cpuMicroseconds, processTree, proportionalSetSize } from './processes.mjs';
import { startRelay } from './relays.mjs';

const LOAD_CPU = '1';

/** One relay under one scenario, or the load alone where `relay` is null. Resolves to its figures. */
export async function measure(relay, scenario) {
  const load = startLoad(scenario);
  let running;
  try {
    const { poolPort } = await load.line((line) => line.poolPort);
    running = relay ? await startRelay(relay, poolPort) : undefined;
    const pids = running ? processTree(running.pid) : [];
    const emptyBytes = proportionalSetSize(pids);
    load.send({ relayPort: running?.port ?? poolPort });
    await load.line((line) => line.event === 'start');
    const cpuBefore = cpuMicroseconds(pids);
    const startedAt = performance.now();
    await load.line((line) => line.event === 'stop');
    const cpu = cpuMicroseconds(pids) - cpuBefore;
    const elapsedUs = (performance.now() - startedAt) * 1000;
    const fullBytes = proportionalSetSize(pids);
    const figures = await load.line((line) => line.event === 'figures');
    if (!running) return figures;
    return {
      ...figures,
      cpuPerMessage: cpu / figures.messages,
      relayBusy: cpu / elapsedUs,
      // A hundred sessions weigh less than what a runtime gathers meanwhile.
      bytesPerSession: scenario.weighMemory ? (fullBytes - emptyBytes) / scenario.sessions : null,
    };
  } finally {
    load.end();
    await running?.stop();
  }
}

/** The load in a process of its own, on its own CPU. */
export function startLoad(scenario) {
  const file = resolve(import.meta.dirname, 'load.mjs');
  const args = ['-c', LOAD_CPU, process.execPath, file, JSON.stringify(scenario)];
  const child = spawn('taskset', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const seen = [];
  const waiting = new Set();
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text);
    seen.push(line);
    for (const wait of waiting) wait(line);
  });
  const closed = new Promise((done) => child.once('close', done));
  const line = (wanted) =>
    new Promise((found, fail) => {
      const already = seen.find(wanted);
      if (already) return found(already);
      const wait = (next) => {
        if (!wanted(next)) return;
        waiting.delete(wait);
        found(next);
      };
      waiting.add(wait);
      void closed.then((code) => fail(new Error(`the load ended early, with ${code}`)));
    });
  return {
    line,
    send: (message) => child.stdin.write(`${JSON.stringify(message)}\n`),
    end: () => child.kill('SIGKILL'),
  };
}
