import dns, { type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SocketReading } from '../lib/sockets/socket-reading';

/**
 * A reading whose dials wait for `gate` before they connect, as if the pool's name took that long to resolve.
 * A gate that never opens is a pool that never answers.
 */
export function gatedDials(reading: SocketReading, gate: Promise<void>): SocketReading {
  const lookup: LookupFunction = (_host, options, found) => {
    void gate.then(() =>
      options.all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4),
    );
  };
  return {
    name: reading.name,
    serve: (server) => reading.serve(server),
    accept: (socket) => reading.accept(socket),
    dial: (options) => reading.dial({ ...options, host: 'pool.test', lookup }),
    dialTls: (options) => reading.dialTls({ ...options, host: 'pool.test', lookup }),
  };
}

/**
 * Lets these names stand for these addresses, in this order, or for none, until the function is called that it returns. `answer` gives each
 * answer, at once where it is absent.
 */
export function resolveNames(
  names: Readonly<Record<string, readonly string[]>>,
  answer: (tell: () => void) => void = (tell) => tell(),
): () => void {
  const { lookup } = dns;
  const resolve = (...args: readonly unknown[]): void => {
    const addresses = names[String(args[0])];
    if (!addresses) {
      Reflect.apply(lookup, dns, args);
      return;
    }
    const found = args.at(-1) as (error: Error | null, addresses?: readonly LookupAddress[]) => void;
    const list = addresses.map((address) => ({ address, family: 4 }));
    const unknown = Object.assign(new Error(`getaddrinfo ENOTFOUND ${String(args[0])}`), {
      code: 'ENOTFOUND',
    });
    answer(() => (list.length === 0 ? found(unknown) : found(null, list)));
  };
  dns.lookup = resolve as typeof lookup;
  return () => void (dns.lookup = lookup);
}

/** Resolves with the value once it has stopped changing: all that the kernel can take has been taken. */
export async function steady(value: () => number): Promise<number> {
  for (let last = value(), same = 0; ;) {
    await delay(5);
    same = value() === last && last > 0 ? same + 1 : 0;
    if (same === 12) return last;
    last = value();
  }
}
