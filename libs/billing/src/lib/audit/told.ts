/** What something says; undefined where it says nothing of the kind. */
export interface Told<T> {
  readonly value: T | undefined;
}

export const NOTHING_TOLD: Told<never> = { value: undefined };

/** What `read` finds in `from`, once somebody asks for it: of most jobs nobody does. */
export function told<T, F>(read: (from: F) => T | undefined, from: F): Told<T> {
  return new ReadLater(read, from);
}

/** A class with what it reads apart from how: sessions have several, and closures would weigh more. */
class ReadLater<T, F> implements Told<T> {
  private answer: Told<T> | undefined;

  constructor(
    private readonly read: (from: F) => T | undefined,
    private readonly from: F,
  ) {}

  get value(): T | undefined {
    this.answer ??= { value: this.read(this.from) };
    return this.answer.value;
  }
}
