export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ExposedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ExposedSample[];
}

/**
 * Reads Prometheus' text format, version 0.0.4, as strictly as a scraper: a line out of place, a label that is
 * not escaped or a series that comes twice is an error.
 */
export function parseExposition(text: string): ReadonlyMap<string, ExposedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { type: string; help: string; samples: ExposedSample[] }>();
  const seen = new Set<string>();
  let current = { name: '', help: '' };
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') {
        current = { name, help: rest };
        continue;
      }
      if (name !== current.name || families.has(name)) throw new Error(`TYPE out of place: ${line}`);
      families.set(name, { type: rest, help: current.help, samples: [] });
      continue;
    }
    const sample = parseSample(line);
    const family = families.get(current.name);
    if (!family || !belongs(sample.name, current.name, family.type)) throw new Error(`out of place: ${line}`);
    const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(series)) throw new Error(`twice: ${line}`);
    seen.add(series);
    family.samples.push(sample);
  }
  return families;
}

function belongs(sample: string, family: string, type: string): boolean {
  if (sample === family) return type !== 'histogram';
  return ['_bucket', '_sum', '_count'].some((suffix) => sample === family + suffix);
}

function parseSample(line: string): ExposedSample {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (!match) throw new Error(`no sample: ${line}`);
  const [, name = '', labels = '', value = ''] = match;
  const number = value === '+Inf' ? Infinity : value === 'Nan' ? NaN : Number(value);
  if (value.trim() === '' || (Number.isNaN(number) && value !== 'Nan')) throw new Error(`no number: ${line}`);
  return { name, labels: parseLabels(labels), value: number };
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y;
  while (label.lastIndex < text.length) {
    const [, name, value = ''] = label.exec(text) ?? [];
    if (name === undefined) throw new Error(`no labels: ${text}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}
