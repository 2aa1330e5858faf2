// Guards the files in infra/prometheus: Prometheus' own tool reads them and plays each rule through.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describeWithPrometheus, ROOT } from './find-prometheus';

describeWithPrometheus('promtool', ({ promtool }) => {
  it('takes the example configuration, and the rules that it names', () => {
    const { status, output } = run('check', 'config', 'prometheus.yml');
    expect(output).toContain('6 rules found');
    expect(status).toBe(0);
  });

  it('finds every alert firing and silent where it is meant to, and every recorded value', () => {
    const { status, output } = run('test', 'rules', 'mining-proxy.rules.test.yml');
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  function run(...args: readonly string[]) {
    const cwd = resolve(ROOT, 'infra/prometheus');
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd, encoding: 'utf8' });
    return { status, output: stdout + stderr };
  }
});
