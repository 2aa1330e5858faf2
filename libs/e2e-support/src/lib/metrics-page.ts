export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;

/** One scrape of `/metrics`, read by the text format's own rules and nothing of the proxy's. */
export class MetricsPage {
  private readonly families = new Map<string, Sample[]>();

  constructor(readonly text: string) {
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
      if (name === '') throw new Error(`not in the exposition format: ${line}`);
      const samples = this.families.get(name) ?? [];
      samples.push({ labels: readLabels(labels), value: Number(value.replace('Inf', 'Infinity')) });
      this.families.set(name, samples);
    }
  }

  /** The series of a family that have all of these labels. */
  series(name: string, labels: Labels = {}): readonly Sample[] {
    const wanted = Object.entries(labels);
    const samples = this.families.get(name) ?? [];
    return samples.filter((sample) => wanted.every(([label, value]) => sample.labels[label] === value));
  }

  /** The sum of the series that have these labels; 0 where there is none. */
  value(name: string, labels: Labels = {}): number {
    return this.series(name, labels).reduce((sum, sample) => sum + sample.value, 0);
  }

  /** The values that a label takes in a family. */
  labelValues(name: string, label: string): string[] {
    return [...new Set(this.series(name).map((sample) => sample.labels[label] ?? ''))];
  }

  /** The family's samples of one label as an object, those at 0 left out. */
  by(name: string, label: string, labels: Labels = {}): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const sample of this.series(name, labels)) {
      const key = sample.labels[label] ?? '';
      if (sample.value !== 0) sums[key] = (sums[key] ?? 0) + sample.value;
    }
    return sums;
  }
}

function readLabels(text: string): Labels {
  const labels: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(LABEL)) {
    labels[name] = value.replace(/\\(.)/g, (_whole, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}
