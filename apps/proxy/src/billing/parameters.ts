/** A parameter that cannot be used; the message says what to do about it. */
export class ParameterError extends Error {}

/** The parameters of a question as they arrive: text, or lists where one was given twice. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Text that is given once. */
export function textOf(name: string, given: unknown): string | undefined {
  if (given === undefined || typeof given === 'string') return given;
  throw new ParameterError(`${name} is given more than once`);
}

/** Text that may be given several times. */
export function listOf(name: string, given: unknown): string[] {
  if (given === undefined) return [];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.every((entry) => typeof entry === 'string')) return list;
  throw new ParameterError(`${name} must be text`);
}

/** A whole number within bounds, or what holds where none is given. */
export function wholeNumberOf(
  name: string,
  given: unknown,
  { absent, min, max }: { readonly absent: number; readonly min: number; readonly max: number },
): number {
  const text = textOf(name, given);
  if (text === undefined) return absent;
  const number = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (number >= min && number <= max) return number;
  throw new ParameterError(`${name} must be a whole number from ${min} to ${max}`);
}
