import { keyOf } from '../setting';
import { check, type Rule } from './rule';

/** `setTimeout` fires at once when asked for more. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** A TCP port to connect to. */
export const Port = () => WholeNumber(1, 65_535);

/** A TCP port to listen on; 0 lets the system choose. */
export const PortOrFree = () => WholeNumber(0, 65_535);

/** A duration that a timer can wait. */
export const Milliseconds = () => WholeNumber(1, LONGEST_TIMER_MS);

export function WholeNumber(min: number, max: number): PropertyDecorator {
  return check('wholeNumber', wholeNumber(min, max));
}

/** Not above another key of the section. Where that one is itself wrong, its own fault is enough. */
export function NotAbove(other: string): PropertyDecorator {
  return check('notAbove', (value, siblings) => {
    const limit = siblings[other];
    if (typeof value !== 'number' || !isPositive(limit) || value <= limit) return undefined;
    return `must not be above \`${keyOf(other)}\`, which is ${limit}`;
  });
}

/** The rule behind `WholeNumber`, for rules that add to it. */
export function wholeNumber(min: number, max: number): Rule {
  return (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
      return undefined;
    return `must be a whole number from ${min} to ${max}`;
  };
}

/** Whether a value can bound another: a whole number above 0. */
export function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}
