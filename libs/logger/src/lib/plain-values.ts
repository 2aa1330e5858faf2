import { symbols, type Logger } from 'pino';

type Stringify = (value: unknown) => string | undefined;

/**
 * Lets a logger redact objects only. pino asks its wildcard redaction (`*.password`) about every member of a line, also
 * about numbers and texts, in which no member can be, and that took most of the time of a line about a session.
 * Uses the symbols that pino exports for those who extend it; where its loggers are made otherwise one day,
 * nothing is changed and all is redacted as before.
 */
export function redactObjectsOnly(logger: Logger): void {
  const stringifiers = (logger as { [symbols.stringifiersSym]?: Record<symbol, Stringify> })[
    symbols.stringifiersSym
  ];
  const redact = stringifiers?.[symbols.wildcardFirstSym];
  if (!stringifiers || !redact) return;
  stringifiers[symbols.wildcardFirstSym] = (value) =>
    typeof value === 'object' ? redact(value) : JSON.stringify(value);
}
