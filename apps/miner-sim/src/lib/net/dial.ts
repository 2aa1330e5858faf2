import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';

/** How the other side's certificate is judged. */
export interface MinerTls {
  /** Authorities, PEM, in place of those that Node.js brings. */
  readonly ca: string | undefined;
  /** false: whatever certificate is shown will do. */
  readonly verify: boolean;
}

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  /** undefined: no TLS. */
  readonly tls: MinerTls | undefined;
}

/** A connection under way: bytes may be written once `whenOpen` is emitted, TLS included. */
export interface Dialled {
  readonly socket: Socket;
  readonly whenOpen: 'connect' | 'secureConnect';
}

export type Dial = (localAddress: string | undefined) => Dialled;

/** Dials one target as often as it is called; the authorities are read only once. */
export function dialer({ host, port, tls }: DialTarget): Dial {
  const target = { host, port, allowHalfOpen: true };
  if (tls === undefined) {
    return (localAddress) => ({ socket: connect({ ...target, ...from(localAddress) }), whenOpen: 'connect' });
  }
  const secured = {
    ...target,
    secureContext: createSecureContext({ ...(tls.ca !== undefined && { ca: tls.ca }) }),
    rejectUnauthorized: tls.verify,
    // An address is no name that could be asked for (RFC 6066).
    ...(isIP(host) === 0 && { servername: host }),
  };
  return (localAddress) => ({
    socket: connectTls({ ...secured, ...from(localAddress) }),
    whenOpen: 'secureConnect',
  });
}

function from(localAddress: string | undefined): { localAddress?: string } {
  return localAddress === undefined ? {} : { localAddress };
}
