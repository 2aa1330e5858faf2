import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { prometheusMissing, root, textOf } from './commands.mjs';
import { ScrapedLoad } from './grafana/scraped-load.mjs';
import { YAML } from './kubernetes/yaml.mjs';

export const name =
  'Grafana: every query of every dashboard has data, and every rule its series, from a proxy under load';

const DIRECTORY = 'infra/grafana';
const VALUES_OF = /^label_values\((.+), (\w+)\)$/;

export function needs() {
  return prometheusMissing();
}

export async function run(assert) {
  const files = readdirSync(resolve(root, DIRECTORY, 'dashboards')).sort();
  assert.deepEqual(files, ['customer.json', 'operator.json']);
  const dashboards = files.map((file) => JSON.parse(textOf(`${DIRECTORY}/dashboards/${file}`)));
  for (const dashboard of dashboards) fitsTogether(assert, dashboard);

  const load = new ScrapedLoad();
  try {
    await load.open();
    const problems = [];
    for (const dashboard of dashboards) problems.push(...(await emptyQueries(dashboard, load)));
    assert.deepEqual(problems, []);
    assert.deepEqual(await familiesThatAreMissing(load), []);
    await showsTheFailover(assert, dashboards[1], load);
    // What finds no fault must be able to: a family that is not there, and 0 / 0.
    const broken = ['sum(stratum_no_such_family)', 'sum(up) * 0 / 0'].map((expr) => ({ expr }));
    const panels = [{ title: 'broken', targets: broken }];
    const found = await emptyQueries({ title: '', panels, templating: { list: [] } }, load);
    assert.equal(found.length, broken.length);
  } finally {
    await load.close();
  }
}

/** Ids are unique, panels do not overlap, and each query goes to the data source that is chosen. */
function fitsTogether(assert, { panels, templating, uid }) {
  assert.match(uid, /^[\w-]{1,40}$/);
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
    assert.ok(x + w <= 24);
    return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`);
  });
  assert.equal(new Set(cells).size, cells.length);
  const known = new Set([
    ...templating.list.map(({ name: variable }) => variable),
    '__rate_interval',
    '__range',
  ]);
  for (const { expr, datasource } of queriesOf({ panels })) {
    assert.equal(datasource.uid, '${datasource}');
    for (const [, variable] of expr.matchAll(/\$(\w+)/g)) assert.ok(known.has(variable), variable);
  }
}

/** The queries, variables' own among them, that give nothing or no number. */
async function emptyQueries(dashboard, load) {
  const problems = [];
  for (const { title, expr } of queriesOf(dashboard)) {
    const series = await load.query(asked(expr, load.client));
    if (!series.some(({ value }) => Number.isFinite(value)))
      problems.push(`${dashboard.title}, ${title}: ${expr}`);
  }
  for (const { type, name: variable, query, definition } of dashboard.templating.list) {
    if (type !== 'query') continue;
    // Grafana asks the first and shows the second.
    const asks = query.query ?? query;
    const [, selector, label] = asks === definition ? (VALUES_OF.exec(asks) ?? []) : [];
    const series = selector ? await load.query(asked(selector, load.client)) : [];
    if (!series.some(({ labels }) => labels[label]))
      problems.push(`${dashboard.title}, $${variable}: ${definition}`);
  }
  return problems;
}

/** The row "Pools" tells what became of the two pools of the load, and of its certificate. */
async function showsTheFailover(assert, dashboard, load) {
  const series = async (title) => {
    const [{ expr }] = queriesOf(dashboard).filter((query) => query.title === title);
    // From before the failover on.
    return load.query(asked(expr, load.client, '1m'));
  };
  const byPool = async (title) => {
    const found = await series(title);
    const at = (pool) => found.find(({ labels }) => labels.pool_host === pool)?.value;
    return [at(load.failed), at(load.spare)];
  };
  assert.deepEqual(await byPool('Up or down'), [0, 1]);
  const [left, moved] = await byPool('Sessions by pool');
  assert.equal(left, 0);
  assert.ok(moved > 0);
  const dials = await series('Dials by pool and outcome');
  const outcomes = new Map(
    dials.map(({ labels, value }) => [`${labels.pool_host} ${labels.outcome}`, value]),
  );
  assert.ok(outcomes.get(`${load.failed} DIAL_FAILED`) > 0);
  assert.ok(outcomes.get(`${load.spare} ok`) > 0);
  const [{ labels, value: days }] = await series('Days until certificates end');
  assert.equal(labels.listener, 'tls');
  assert.ok(days > load.certificateDays - 1 && days <= load.certificateDays);
  const [failovers] = await byPool('Failovers by pool');
  const closed = (await series('Moved sessions by reason')).find(({ labels }) => labels.code === 'POOL_DOWN');
  assert.ok(failovers > 0 && closed.value > 0);
}

/** The rules' own tests make up their series, and would agree with a name that no proxy has. */
async function familiesThatAreMissing(load) {
  const rules = ['mining-proxy.rules.yml', 'mining-proxy.operations.rules.yml']
    .map((file) => textOf(`infra/prometheus/${file}`))
    .flatMap((text) => YAML.parse(text).groups.flatMap((group) => group.rules.map(({ expr }) => expr)));
  const names = new Set(rules.join(' ').match(/\b(stratum|nodejs|process)_\w+|\bup\b/g));
  const missing = [];
  for (const family of names) if ((await load.query(family)).length === 0) missing.push(family);
  return missing;
}

function queriesOf({ panels }) {
  return panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ ...target, title })));
}

/** As Grafana would ask it, with all instances chosen. */
function asked(expression, client, rateInterval = '10s') {
  return expression
    .replaceAll(/\$(job|instance)\b/g, '.*')
    .replaceAll('$client_id', client)
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', '2m');
}
