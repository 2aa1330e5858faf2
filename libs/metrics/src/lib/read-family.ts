import type { Metric } from 'prom-client';
import type { MeterReading } from '@mining-proxy/billing';
import type { Scrape } from './scrape';

/** One line of a family: its labels and its number. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** The name of the line where it differs from the family's: `_bucket`, `_sum` and `_count`. */
  readonly metricName?: string;
}

/** What a family is and where its numbers come from. */
export interface FamilyDefinition {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /**
   * Called in the turn of the scrape. What is returned may be run through in a later turn, so it reads nothing
   * live: an array is of the moment of the call, a generator knows the reading only.
   */
  samples(reading: MeterReading): Iterable<Sample>;
}

/**
 * A family whose numbers live elsewhere and are read when they are scraped. Nothing is kept here, so
 * nothing can disagree.
 *
 * Implements what `Registry` asks of a metric; the classes of prom-client each hold values of their own.
 */
export class ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyDefinition['type'];
  readonly aggregator = 'sum';

  constructor(
    private readonly definition: FamilyDefinition,
    private readonly scrape: Scrape,
  ) {
    this.name = definition.name;
    this.help = definition.help;
    this.type = definition.type;
  }

  /** What `Registry` prints: the family and its lines. */
  async get() {
    const samples = this.definition.samples(this.scrape.reading());
    await this.scrape.turn();
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: Array.from(samples) };
  }

  /** Nothing is kept here. */
  reset(): void {
    // The numbers belong to the meters.
  }

  /** As `Registry.registerMetric` declares what it takes. */
  asMetric(): Metric {
    return this as unknown as Metric;
  }
}
