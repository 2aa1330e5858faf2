import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, output, prometheusMissing, textOf } from './commands.mjs';
import { YAML } from './kubernetes/yaml.mjs';

export const name = 'Prometheus: every alert fires and is silent where it is meant to, and has its runbook';

const DIRECTORY = 'infra/prometheus';
const FILES = ['mining-proxy.rules.yml', 'mining-proxy.operations.rules.yml'];
const TESTS = 'mining-proxy.rules.test.yml';

export function needs() {
  return prometheusMissing();
}

export function run(assert) {
  const { promtool } = JSON.parse(output(process.execPath, ['tools/prometheus.mjs']));
  const test = (cwd) => attempt(promtool, ['test', 'rules', TESTS], { cwd });
  const { status, stdout } = attempt(promtool, ['check', 'config', `${DIRECTORY}/prometheus.yml`]);
  assert.equal(status, 0, stdout);
  assert.deepEqual(YAML.parse(textOf(`${DIRECTORY}/prometheus.yml`)).rule_files, FILES);
  areFoundByCompose(assert, promtool);

  const alerts = FILES.flatMap((file) =>
    YAML.parse(textOf(`${DIRECTORY}/${file}`)).groups.flatMap(({ rules }) =>
      rules.filter(({ alert }) => alert).map((rule) => ({ ...rule, file })),
    ),
  );
  assert.equal(alerts.length, 32);
  haveRunbooks(assert, alerts);

  const scratch = mkdtempSync(join(tmpdir(), 'rules-'));
  try {
    cpSync(DIRECTORY, scratch, { recursive: true });
    const whole = test(scratch);
    assert.equal(whole.status, 0, whole.stderr);
    for (const { alert, file } of alerts) areNoticed(assert, { alert, file, scratch, test });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Laid out as compose mounts them: a pattern that fits no file is no fault to Prometheus. */
function areFoundByCompose(assert, promtool) {
  const scratch = mkdtempSync(join(tmpdir(), 'compose-rules-'));
  try {
    cpSync('docker/prometheus.yml', join(scratch, 'prometheus.yml'));
    cpSync(DIRECTORY, join(scratch, 'rules'), { recursive: true });
    const { status, stdout } = attempt(promtool, ['check', 'config', 'prometheus.yml'], { cwd: scratch });
    assert.equal(status, 0, stdout);
    for (const file of FILES) assert.match(stdout, new RegExp(`Checking rules/${file}\\s+SUCCESS`));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** An alert that never fires, and one that always does, must each fail the tests that name it. */
function areNoticed(assert, { alert, file, scratch, test }) {
  const all = YAML.parse(textOf(`${DIRECTORY}/${TESTS}`));
  const own = all.tests.filter((one) => one.alert_rule_test?.some(({ alertname }) => alertname === alert));
  writeFileSync(join(scratch, TESTS), YAML.stringify({ ...all, tests: own }));
  assert.equal(test(scratch).status, 0);
  const text = textOf(`${DIRECTORY}/${file}`);
  const rule = new RegExp(`(- alert: ${alert}\\n +expr: ).*?(?=\\n +(for|labels):)`, 's');
  assert.match(text, rule);
  for (const expression of ['vector(1) > 2', 'vector(1)']) {
    writeFileSync(join(scratch, file), text.replace(rule, `$1${expression}`));
    assert.notEqual(test(scratch).status, 0, `${alert} may be ${expression}`);
  }
  writeFileSync(join(scratch, file), text);
}

/** The link is that of a heading under "Runbooks", and no two alerts share one. */
function haveRunbooks(assert, alerts) {
  const [, runbooks] = textOf('docs/OPERATIONS.md').split('\n## Runbooks\n');
  const section = runbooks.split('\n## ')[0];
  const headings = [...section.matchAll(/^### (.+)$/gm)].map(([, title]) => title);
  const anchors = headings.map((title) => `docs/OPERATIONS.md#${title.toLowerCase().replaceAll(' ', '-')}`);
  const links = alerts.map(({ annotations }) => annotations.runbook_url);
  assert.equal(new Set(links).size, links.length);
  assert.deepEqual(
    links.filter((link) => !anchors.includes(link)),
    [],
  );
}
