const REDACTED = '[redacted]';

/** Text that must never be logged by accident: only `reveal()` gives it back. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** Null for what is no text. */
  static of(value: unknown): Secret | null {
    return typeof value === 'string' ? new Secret(value) : null;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}
