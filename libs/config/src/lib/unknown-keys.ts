import type { ConfigFault } from './config-error';
import type { JsonObject } from './config-file';
import { nearestKey } from './nearest-key';
import { shownValue } from './shown-value';

/** A fault for each key of `content` that nothing reads: most likely a mistyped one, which would be ignored. */
export function unknownKeys(path: string, content: JsonObject, known: readonly string[]): ConfigFault[] {
  return keysBeside(known, content).map((key) =>
    unknownKey(`${path}.${shownKey(key)}`, nearestKey(key, known)),
  );
}

/** The same for the whole file, where a key may also have lost its section. */
export function unknownSections(
  content: JsonObject,
  sections: readonly string[],
  keysOfSections: readonly string[],
): ConfigFault[] {
  return keysBeside(sections, content).map((key) =>
    unknownKey(
      shownKey(key),
      nearestKey(key, sections) ?? keysOfSections.find((path) => path.endsWith(`.${key}`)),
    ),
  );
}

function keysBeside(known: readonly string[], content: JsonObject): string[] {
  return Object.keys(content).filter((key) => !known.includes(key));
}

function unknownKey(path: string, meant: string | undefined): ConfigFault {
  const advice = meant === undefined ? 'remove it' : `did you mean \`${meant}\`?`;
  return { path, expected: `unknown key; ${advice}` };
}

/** Keys are text of the file, too: they may hold anything. */
function shownKey(key: string): string {
  return shownValue(key).slice(1, -1);
}
