/** What a line said, read when somebody asks for it: not in the turn in which it came. */
export class Told<T> {
  private answer: { readonly value: T | undefined } | undefined;

  /** `read`: undefined where the line says nothing of the kind. */
  constructor(private readonly read: () => T | undefined) {}

  get value(): T | undefined {
    this.answer ??= { value: this.read() };
    return this.answer.value;
  }
}
