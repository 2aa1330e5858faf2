import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../../../..');

export interface PrometheusTools {
  readonly prometheus: string;
  readonly promtool: string;
}

const FIND_TIMEOUT_MS = 200_000;

/** The programs, fetched if need be; undefined where there are none, which it says in one line. */
export function findPrometheus(): PrometheusTools | undefined {
  const finder = resolve(ROOT, 'tools/prometheus.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [finder], {
    encoding: 'utf8',
    timeout: FIND_TIMEOUT_MS,
  });
  if (status === 0) return JSON.parse(stdout) as PrometheusTools;
  const why = stderr.trim() || 'tools/prometheus.mjs did not end in time';
  process.stderr.write(`The tests with a real Prometheus are skipped: ${why}\n`);
  return undefined;
}

/** `describe` where there is a Prometheus, else one that shows its tests as skipped. */
export function describeWithPrometheus(name: string, tests: (tools: PrometheusTools) => void): void {
  const tools = findPrometheus();
  if (tools) describe(name, () => tests(tools));
  // The tests are declared all the same, and need the names only while they run.
  else describe.skip(name, () => tests({ prometheus: '', promtool: '' }));
}
