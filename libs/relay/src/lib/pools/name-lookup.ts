import { lookup } from 'node:dns';

/** Tells once: an error, or the addresses in the system's order. */
export type AddressesFound = (error: Error | null, addresses: readonly string[]) => void;

/** Who waits for the addresses of a name that the system has been asked for. */
const asking = new Map<string, AddressesFound[]>();

/**
 * Asks the operating system for the addresses of a name, anew each time; but who asks while it is being asked gets the same
 * answer. A farm that comes back asks tens of thousands of times at once, and the system's look-up keeps one of the few
 * threads busy that files are synced by, too.
 */
export function findAddresses(name: string, found: AddressesFound): void {
  const others = asking.get(name);
  if (others) {
    others.push(found);
    return;
  }
  const waiting = [found];
  asking.set(name, waiting);
  lookup(name, { all: true }, (error, answer) => {
    asking.delete(name);
    const addresses = error ? [] : answer.map(({ address }) => address);
    for (const tell of waiting) tell(error, addresses);
  });
}
