/** The value that a text of JSON has; undefined for what is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The objects and lists that stand one behind another in a text, with blanks between them or none: some pools forget
 * the LF between two messages. Undefined when anything else is in it.
 */
export function gluedValues(text: string): readonly unknown[] | undefined {
  const values: unknown[] = [];
  for (let at = 0; at < text.length;) {
    const end = endOfValue(text, at);
    const value = end === 0 ? undefined : parsedJson(text.slice(at, end));
    if (value === undefined) return undefined;
    values.push(value);
    at = end;
    while (' \t\r'.includes(text[at] ?? '.')) at += 1;
  }
  return values;
}

/** Where the object or list ends that begins at `start`, if it is one; 0 where it does not end. */
function endOfValue(text: string, start: number): number {
  if (text[start] !== '{' && text[start] !== '[') return 0;
  STRUCTURE.lastIndex = start;
  let depth = 0;
  for (let found = STRUCTURE.exec(text); found !== null; found = STRUCTURE.exec(text)) {
    const [mark] = found;
    if (mark === '{' || mark === '[') depth += 1;
    else if (mark === '}' || mark === ']') depth -= 1;
    if (depth === 0) return STRUCTURE.lastIndex;
  }
  return 0;
}

/** A bracket, or a whole text. */
const STRUCTURE = /[{}[\]]|"(?:[^"\\]|\\.)*"/g;
