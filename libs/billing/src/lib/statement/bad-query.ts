/** A question that cannot be answered as it was asked. */
export class BadQueryError extends Error {
  readonly code = 'BAD_QUERY';
}

/** No name in a ledger has a NUL, and PostgreSQL takes no text with one. */
export function refuseNul(text: string): void {
  if (text.includes('\u0000')) throw new BadQueryError('a name cannot have a NUL character in it');
}
