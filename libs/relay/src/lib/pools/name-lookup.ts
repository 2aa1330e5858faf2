import { lookup } from 'node:dns';

/** Tells once: an error, or the addresses in the system's order. */
export type AddressesFound = (error: Error | null, addresses: readonly string[]) => void;

/** A question to the system, and who waits for its answer. */
interface Question {
  readonly askedAt: number;
  readonly waiting: AddressesFound[];
}

/** One that takes longer may never be answered, a lost packet for one: whoever comes then asks again. */
const SHARED_MS = 1_000;

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
  lookup(name, { all: true }, (error, answer) => {
    if (asking.get(name) === question) asking.delete(name);
    const addresses = error ? [] : answer.map(({ address }) => address);
    for (const tell of question.waiting) tell(error, addresses);
  });
}
