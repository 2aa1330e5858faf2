import { FIGURES } from './figures.mjs';

/** Markdown, one table a scenario. */
export function table(summary, scenarios) {
  return summary
    .map((part) =>
      scenarioTable(
        part,
        scenarios.find(({ name }) => name === part.scenario),
      ),
    )
    .join('\n');
}

function scenarioTable({ scenario, baseline, relays }, { about, shows }) {
  const figures = FIGURES.filter(({ key }) => shows.includes(key));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const ratios =
    baseline && figures.some(({ ratio }) => ratio)
      ? `; behind them the ratio to ${baseline} in the same round, least to most`
      : '';
  const head = ['relay', ...figures.map(({ title }) => title)];
  return [
    `**${scenario}**: ${about}. Medians${ratios}.\n`,
    line(head),
    line(head.map(() => '---')),
    ...relays.map((relay) =>
      line([relay.relay, ...figures.map((figure) => cell(figure, relay[figure.key]))]),
    ),
    '',
  ].join('\n');
}

function cell({ unit, digits, percent }, { value, ratio }) {
  if (!value) return 'n/a';
  const amount = (percent ? value.median * 100 : value.median).toFixed(digits);
  const shown = unit ? `${amount} ${unit}` : amount;
  if (!ratio) return shown;
  const middle = ratio.median.toFixed(2);
  // A single round has no spread.
  if (ratio.least === ratio.most) return `${shown}, ${middle}`;
  return `${shown}, ${middle} (${ratio.least.toFixed(2)} to ${ratio.most.toFixed(2)})`;
}
