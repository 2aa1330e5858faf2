/** One thing wrong with the configuration. */
export interface ConfigFault {
  /** Where: the path in the file (`proxy.bind_port`), or the environment variable that the value came from. */
  readonly path: string;
  /** What belongs there and what to do, in words that follow the path: `must be …`. */
  readonly expected: string;
  /** What was there, cut to fit a line. Absent when nothing was, and for secrets. */
  readonly got?: string;
}

/**
 * Every fault of a configuration at once. The message is what a terminal shows: a line for each.
 *
 * Neither the message nor the faults hold the value of a secret, and there is no `cause`:
 * the engine's own errors quote what they could not read.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly faults: readonly ConfigFault[]) {
    super(asText(faults.map(asLine)));
  }
}

function asText(lines: readonly string[]): string {
  if (lines.length === 1) return `configuration: ${lines.join()}`;
  return [`configuration: ${lines.length} faults`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function asLine({ path, expected, got }: ConfigFault): string {
  return got === undefined ? `${path}: ${expected}` : `${path}: ${expected} (got ${got})`;
}
