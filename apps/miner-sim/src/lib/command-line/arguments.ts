import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A mistake on the command line: told to the user in one line, exit code 64. */
export class UsageError extends Error {}

export interface OptionSpec {
  readonly kind: 'number' | 'port' | 'rate' | 'text' | 'flag' | 'choice';
  readonly choices?: readonly string[];
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Parsed options by name, with typed access. */
export class Arguments {
  private constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  /** Throws a UsageError for unknown options and for values that cannot be read. */
  static parse(args: readonly string[], specs: OptionSpecs): Arguments {
    const options: NonNullable<ParseArgsConfig['options']> = {};
    for (const [name, spec] of Object.entries(specs)) {
      options[name] = { type: spec.kind === 'flag' ? 'boolean' : 'string' };
    }
    let values: Record<string, unknown>;
    try {
      values = parseArgs({ args: [...args], options, allowPositionals: false }).values;
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error));
    }
    for (const [name, value] of Object.entries(values)) check(name, value, specs[name]);
    return new Arguments(values);
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : Number(value);
  }

  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.text(name);
    return choices.find((choice) => choice === value);
  }

  /** A duration such as `30s`, `500ms`, `2m`; a bare number is seconds. */
  duration(name: string): number | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : durationMs(name, value);
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function durationMs(name: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value);
  const amount = match?.[1];
  if (amount === undefined)
    throw new UsageError(`--${name}: "${value}" is not a duration such as 30s or 500ms`);
  return Number(amount) * (UNITS[match?.[2] ?? 's'] ?? 1000);
}

function check(name: string, value: unknown, spec: OptionSpec | undefined): void {
  if (typeof value !== 'string' || spec === undefined) return;
  const expected = fault(value, spec);
  if (expected !== undefined) throw new UsageError(`--${name}: "${value}" is not ${expected}`);
}

/** What was expected instead, when the value does not fit. */
function fault(value: string, spec: OptionSpec): string | undefined {
  const number = value === '' ? Number.NaN : Number(value);
  switch (spec.kind) {
    case 'number':
      return number >= 0 ? undefined : 'a number of 0 or more';
    case 'port':
      return Number.isInteger(number) && number >= 0 && number <= 65_535 ? undefined : 'a port';
    case 'rate':
      return number >= 0 && number <= 1 ? undefined : 'a rate between 0 and 1';
    case 'choice':
      return spec.choices?.includes(value) === true ? undefined : `one of ${spec.choices?.join(', ') ?? ''}`;
    case 'text':
    case 'flag':
      return undefined;
  }
}

export function helpText(usage: string, specs: OptionSpecs): string {
  const width = Math.max(...Object.keys(specs).map((name) => name.length));
  const lines = Object.entries(specs).map(([name, spec]) => `  --${name.padEnd(width)}  ${spec.help}`);
  return `${usage}\n\n${lines.join('\n')}\n`;
}
