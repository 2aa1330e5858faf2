const LONGEST = 128;

// Control and format characters (ANSI's escape, line ends, text direction), line separators, lone surrogates.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text that a peer sent, made fit for a log: what a terminal would act on is escaped as `\u{…}`,
 * and the rest is cut after `max` characters.
 */
export function untrusted(text: string, max = LONGEST): string {
  // Cut first: the cost is bounded however long the peer's text is.
  const shown = text.length > max ? text.slice(0, max) : text;
  const safe = shown.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return shown === text ? safe : `${safe}…`;
}
