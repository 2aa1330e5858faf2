import { FIGURES } from './figures.mjs';

/** The peer that the others are divided by, the first of these that ran. */
const BASELINES = ['haproxy', 'nginx', 'node pipe'];

/**
 * For each scenario, relay and figure the values, and their ratios to the baseline of the same round, each with its
 * median and its spread over the rounds.
 */
export function summarise(runs, scenarios) {
  return scenarios.map(({ name, shows }) => {
    const here = runs.filter((run) => run.scenario === name).map((run) => withAdded(run, runs));
    const relays = [...new Set(here.map((run) => run.relay))].filter((relay) => relay !== 'direct');
    const baseline = BASELINES.find((relay) => relays.includes(relay));
    const figures = FIGURES.filter(({ key }) => shows.includes(key));
    const about = (relay) => {
      const own = here.filter((run) => run.relay === relay);
      return Object.fromEntries(figures.map((figure) => [figure.key, summary(figure, own, here, baseline)]));
    };
    return {
      scenario: name,
      baseline,
      relays: relays.map((relay) => ({ relay, ...about(relay) })),
    };
  });
}

function summary({ key, ratio }, own, all, baseline) {
  const ratios = own.map(
    (run) => run[key] / all.find((other) => other.relay === baseline && other.round === run.round)?.[key],
  );
  return { value: spread(own.map((run) => run[key])), ratio: ratio && baseline ? spread(ratios) : null };
}

/** What the relay adds to the way through the load alone, in the same round. */
function withAdded(run, runs) {
  const direct = runs.find(
    (other) => other.relay === 'direct' && other.round === run.round && other.scenario === run.scenario,
  );
  return direct ? { ...run, addedP50: run.p50 - direct.p50, addedP99: run.p99 - direct.p99 } : run;
}

/** Null where a value is missing. */
function spread(values) {
  if (values.length === 0 || !values.every(Number.isFinite)) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], least: sorted[0], most: sorted.at(-1) };
}
