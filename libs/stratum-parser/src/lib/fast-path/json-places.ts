/** A text, number or word of a line of JSON: `text[start..end)`, a text without its quotes. */
export interface JsonPlace {
  /** Keys and indexes from the top. */
  readonly path: readonly (string | number)[];
  readonly start: number;
  readonly end: number;
  readonly isText: boolean;
}

/**
 * Where the texts, numbers and words of `text` stand, which is valid JSON without escapes. Undefined
 * when an object has a key twice: which one counts is then not a matter of places.
 */
export function jsonPlaces(text: string): readonly JsonPlace[] | undefined {
  const walk = new Walk(text);
  walk.value([]);
  return walk.repeats ? undefined : walk.places;
}

class Walk {
  readonly places: JsonPlace[] = [];
  repeats = false;
  private at = 0;

  constructor(private readonly text: string) {}

  value(path: JsonPlace['path']): void {
    const opening = this.next();
    if (opening === '{') this.members(path);
    else if (opening === '[') this.elements(path);
    else this.scalar(path, opening === '"');
  }

  private members(path: JsonPlace['path']): void {
    const keys = new Set<string>();
    this.at += 1;
    while (this.next() !== '}') {
      if (this.text[this.at] === ',') this.at += 1;
      this.next();
      const end = this.text.indexOf('"', this.at + 1);
      const key = this.text.slice(this.at + 1, end);
      this.repeats ||= keys.has(key);
      keys.add(key);
      this.at = this.text.indexOf(':', end) + 1;
      this.value([...path, key]);
    }
    this.at += 1;
  }

  private elements(path: JsonPlace['path']): void {
    this.at += 1;
    for (let index = 0; this.next() !== ']'; index += 1) {
      if (this.text[this.at] === ',') this.at += 1;
      this.value([...path, index]);
    }
    this.at += 1;
  }

  private scalar(path: JsonPlace['path'], isText: boolean): void {
    const start = isText ? this.at + 1 : this.at;
    let end = start;
    while (end < this.text.length && !(isText ? '"' : ',]} \t').includes(this.text.charAt(end))) end += 1;
    this.places.push({ path, start, end, isText });
    this.at = isText ? end + 1 : end;
  }

  /** The next character that is no blank. */
  private next(): string {
    while (' \t\r'.includes(this.text[this.at] ?? '.')) this.at += 1;
    return this.text.charAt(this.at);
  }
}
