/** Sessions whose ids are kept as one text each. */
const MAX_KEPT = 100_000;

const MAX_DIGITS = 15;
/** Digits as a number is written, with what stands before them. */
const NUMBERED = /^(.*?)(0|[1-9]\d{0,14})$/s;

/** An id that ends in a number, in two parts; undefined for any other. */
export function splitId(id: string): { readonly prefix: string; readonly number: number } | undefined {
  const [, prefix, digits] = NUMBERED.exec(id) ?? [];
  return prefix === undefined || digits === undefined ? undefined : { prefix, number: Number(digits) };
}

/** The number that an id has behind this prefix; undefined for an id that is not put together so. */
export function numberBehind(prefix: string, id: string): number | undefined {
  if (!id.startsWith(prefix)) return undefined;
  const digits = id.slice(prefix.length);
  const number = Number(digits);
  const isNumber = digits.length <= MAX_DIGITS && number >= 0 && String(number) === digits;
  return isNumber && Number.isSafeInteger(number) ? number : undefined;
}

/** What the numbers of sessions stand for in one segment, as its reader learns it. */
export class SessionNames {
  private readonly ids = new Map<number, string>();

  /** `prefix`: what stands before the numbers; undefined where nothing has told it yet. */
  constructor(public prefix?: string) {}

  /** The session of a number. Where nobody has told the rest it is nobody's session, which is to be seen by its id. */
  idOf(number: number): string {
    let id = this.ids.get(number);
    if (id === undefined) {
      if (this.prefix === undefined) return `?${number}`;
      if (this.ids.size >= MAX_KEPT) this.ids.clear();
      this.ids.set(number, (id = `${this.prefix}${number}`));
    }
    return id;
  }

  /** An `open` has said both. A run has one prefix: the first that tells it is right. */
  told(id: string, number: number): void {
    const digits = number.toString();
    if (this.prefix === undefined && id.endsWith(digits)) this.prefix = id.slice(0, -digits.length);
  }
}
