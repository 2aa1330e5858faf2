import { lookup } from 'node:dns';

/** Tells once: an error, the same for all who have waited for it, or the addresses in the system's order. */
export type AddressesFound = (error: Error | null, addresses: readonly string[]) => void;

/** A question to the system, and who waits for its answer. */
interface Question {
  readonly askedAt: number;
  readonly waiting: AddressesFound[];
}

/** One that takes longer may never be answered, a lost packet for one: whoever comes then asks again. */
const SHARED_MS = 1_000;
/** So many are told in one turn of the event loop: each of them connects. */
const TOLD_AT_ONCE = 100;

/** The newest question for each name that is not answered yet. */
const asking = new Map<string, Question>();

/**
 * Asks the operating system for the addresses of a name, anew each time; but who asks while it is being asked gets the same
 * answer. A farm that comes back asks tens of thousands of times at once, and the system's look-up keeps one of the few
 * threads busy that files are synced by, too. `now`: monotonic milliseconds.
 */
export function findAddresses(name: string, now: number, found: AddressesFound): void {
  const other = asking.get(name);
  if (other && now - other.askedAt < SHARED_MS) {
    other.waiting.push(found);
    return;
  }
  const question: Question = { askedAt: now, waiting: [found] };
  asking.set(name, question);
  const answered = (error: Error | null, addresses: readonly string[]): void => {
    if (asking.get(name) === question) asking.delete(name);
    tellAll(question.waiting, error, addresses);
  };
  try {
    lookup(name, { all: true }, (error, answer) =>
      answered(error, error ? [] : answer.map(({ address }) => address)),
    );
  } catch (error) {
    // A name that cannot be asked for at all.
    answered(error instanceof Error ? error : new Error(String(error)), []);
  }
}

function tellAll(
  waiting: readonly AddressesFound[],
  error: Error | null,
  addresses: readonly string[],
  from = 0,
): void {
  const until = Math.min(from + TOLD_AT_ONCE, waiting.length);
  for (let at = from; at < until; at += 1) waiting[at]?.(error, addresses);
  if (until < waiting.length) setImmediate(() => tellAll(waiting, error, addresses, until));
}
