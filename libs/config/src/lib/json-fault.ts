/** Where a text stops being the JSON of a configuration, and what belongs there. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  readonly expected: string;
}

/**
 * Finds the first fault of a JSON text, a key that occurs twice in an object included.
 *
 * `JSON.parse` would not do: its message quotes the text, which may be a token, often has no position,
 * and of two equal keys it silently takes the last.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  try {
    new JsonScanner(text).scan();
    return undefined;
  } catch (fault) {
    if (!(fault instanceof FaultAt)) throw fault;
    const before = text.slice(0, fault.offset).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1, expected: fault.message };
  }
}

class FaultAt extends Error {
  constructor(
    readonly offset: number,
    expected: string,
  ) {
    super(expected);
  }
}

const DEEPEST = 32;
const SPACE = /[ \t\n\r]*/y;
// RFC 8259: control characters are escaped, and only these escapes exist.
const STRING = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;

class JsonScanner {
  private offset = 0;

  constructor(private readonly text: string) {}

  scan(): void {
    this.value(0);
    if (this.offset < this.text.length) this.fail('must end here: a configuration is one JSON object');
  }

  private value(depth: number): void {
    if (depth > DEEPEST) this.fail(`must not be nested deeper than ${DEEPEST}`);
    this.take(SPACE);
    if (this.takes('{')) this.object(depth + 1);
    else if (this.takes('[')) this.list(depth + 1);
    else if (this.text[this.offset] === '"') this.string('a value');
    else if (this.take(SCALAR) === '') this.fail(`must be a value${this.hint()}`);
    this.take(SPACE);
  }

  private object(depth: number): void {
    const keys = new Set<string>();
    this.take(SPACE);
    if (this.takes('}')) return;
    do {
      this.take(SPACE);
      const start = this.offset;
      const key = this.string('a key in double quotes');
      if (keys.has(key)) this.fail('must not repeat a key of the same object; remove one of them', start);
      keys.add(key);
      this.take(SPACE);
      if (!this.takes(':')) this.fail('must be a colon');
      this.value(depth);
    } while (this.takes(','));
    if (!this.takes('}')) this.fail(`must be a comma or }${this.hint()}`);
  }

  private list(depth: number): void {
    this.take(SPACE);
    if (this.takes(']')) return;
    do this.value(depth);
    while (this.takes(','));
    if (!this.takes(']')) this.fail(`must be a comma or ]${this.hint()}`);
  }

  private string(what: string): string {
    const string = this.take(STRING);
    if (string !== '') return JSON.parse(string) as string;
    if (this.text[this.offset] !== '"') this.fail(`must be ${what}${this.hint()}`);
    return this.fail('must be text that ends on its line, with control characters and backslashes escaped');
  }

  /** What people write who are used to JavaScript, YAML or to editors that forgive. */
  private hint(): string {
    const rest = this.text.slice(this.offset, this.offset + 2);
    if (rest === '') return '; the file ends too early';
    if (rest.startsWith('/') || rest.startsWith('#')) return '; JSON has no comments';
    if (rest.startsWith("'")) return '; JSON has double quotes only';
    if (/^[}\]]/.test(rest)) return '; remove the comma before it, or add what is missing';
    return '';
  }

  private takes(character: string): boolean {
    if (this.text[this.offset] !== character) return false;
    this.offset += 1;
    return true;
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.offset;
    const [found = ''] = pattern.exec(this.text) ?? [];
    this.offset += found.length;
    return found;
  }

  private fail(expected: string, offset = this.offset): never {
    throw new FaultAt(offset, expected);
  }
}
