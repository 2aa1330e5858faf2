/**
 * What a plain class needs of a logger: facts in fields, and a constant message.
 * pino's logger is one.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
