/** The peer that the others are divided by, the first of these that ran. */
const BASELINES = ['haproxy', 'nginx', 'node pipe'];

/** Figures that are shown as a ratio to the baseline of the same round. Less is better in all of them. */
const RATIOS = [
  ['cpuPerMessage', 'CPU per message'],
  ['addedP50', 'added latency p50'],
  ['addedP99', 'added latency p99'],
  ['fanOut', 'job to the last miner'],
  ['bytesPerSession', 'memory per session'],
];

/** Ratios by scenario, figure and relay, each with its median and its spread over the rounds. */
export function summarise(runs, scenarios) {
  const withAdded = runs.map((run) => addLatency(run, runs));
  return scenarios.map(({ name }) => {
    const here = withAdded.filter((run) => run.scenario === name);
    const relays = [...new Set(here.map((run) => run.relay))].filter((relay) => relay !== 'direct');
    const baseline = BASELINES.find((relay) => relays.includes(relay));
    const figures = RATIOS.filter(([key]) => here.some((run) => run[key] != null && run.relay !== 'direct'));
    return {
      scenario: name,
      baseline,
      relays: relays.map((relay) => ({
        relay,
        ...Object.fromEntries(figures.map(([key]) => [key, ratio(here, relay, baseline, key)])),
        loadBusy: spread(here.filter((run) => run.relay === relay).map((run) => run.loadBusy)),
        relayBusy: spread(here.filter((run) => run.relay === relay).map((run) => run.relayBusy)),
      })),
    };
  });
}

/** Markdown, one table a scenario. */
export function table(summary, scenarios) {
  return summary.map((part) => scenarioTable(part, scenarios)).join('\n');
}

function scenarioTable({ scenario, baseline, relays }, scenarios) {
  const shown = RATIOS.filter(([key]) => relays.some((relay) => relay[key]));
  const about = scenarios.find(({ name }) => name === scenario).about;
  const head = ['relay', ...shown.map(([, title]) => title), 'relay busy', 'load busy'];
  const rows = relays.map((relay) => [
    relay.relay,
    ...shown.map(([key]) => shownRatio(relay[key])),
    percent(relay.relayBusy),
    percent(relay.loadBusy),
  ]);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    `**${scenario}**: ${about}. Ratios to ${baseline}: median (least to most).\n`,
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
  ].join('\n');
}

/** What the relay adds to the way through the load alone, in the same round. */
function addLatency(run, runs) {
  const direct = runs.find(
    (other) => other.relay === 'direct' && other.round === run.round && other.scenario === run.scenario,
  );
  return { ...run, addedP50: run.p50 - direct.p50, addedP99: run.p99 - direct.p99 };
}

function ratio(runs, relay, baseline, key) {
  const ratios = runs
    .filter((run) => run.relay === relay && run[key] !== null)
    .map(
      (run) => run[key] / runs.find((other) => other.relay === baseline && other.round === run.round)[key],
    );
  return ratios.length > 0 && ratios.every(Number.isFinite) ? spread(ratios) : null;
}

function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], least: sorted[0], most: sorted.at(-1) };
}

function shownRatio(value) {
  if (!value) return 'n/a';
  const { median, least, most } = value;
  return `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

function percent({ median }) {
  return `${Math.round(median * 100)} %`;
}
