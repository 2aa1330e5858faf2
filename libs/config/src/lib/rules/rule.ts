import { ValidateBy, type ValidationArguments } from 'class-validator';

/** The other keys of the section that a value belongs to. */
export type Siblings = Readonly<Record<string, unknown>>;

/** Says what a value must be, in words that follow its path; nothing when it is right. */
export type Rule = (value: unknown, siblings: Siblings) => string | undefined;

/** What a list's validation error carries, so that the faulty entries can be named one by one. */
export interface EachContext {
  readonly each: Rule;
}

/** Makes the class-validator decorator that applies `rule`. */
export function check(name: string, rule: Rule): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      validate: (value, args) => rule(value, siblingsOf(args)) === undefined,
      defaultMessage: (args) => rule(args?.value, siblingsOf(args)) ?? '',
    },
  });
}

/** A list whose entries all keep `rule`. */
export function EachOf(rule: Rule): PropertyDecorator {
  const context: EachContext = { each: rule };
  return ValidateBy(
    {
      name: 'eachOf',
      validator: {
        validate: (value) => Array.isArray(value) && value.every((entry) => rule(entry, {}) === undefined),
        defaultMessage: () => 'must be a list, as in ["…"]',
      },
    },
    { context },
  );
}

/** The same of a list that must not be empty; null where that is a value of its own. */
export function SomeOf(rule: Rule, { orNull = false } = {}): PropertyDecorator {
  const context: EachContext = { each: rule };
  const isSome = (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every((entry) => rule(entry, {}) === undefined);
  return ValidateBy(
    {
      name: 'someOf',
      validator: {
        validate: (value) => isSome(value) || (orNull && value === null),
        defaultMessage: () => `must be a list of at least one, as in ["…"]${orNull ? ', or null' : ''}`,
      },
    },
    { context },
  );
}

function siblingsOf(args: ValidationArguments | undefined): Siblings {
  return (args?.object ?? {}) as Siblings;
}
