import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { ConfigInForce, ProxyConfig } from '@mining-proxy/config';

/** What of a request decides whether it may see more than anybody may. */
export interface Caller {
  readonly remoteAddress: string;
  readonly headers: IncomingHttpHeaders;
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const LOCAL_HOST = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** Headers that tell of a proxy in between: the caller behind it may be anybody. */
const FORWARDING =
  /^(forwarded|x-forwarded(-.+)?|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|via)$/;

/**
 * Whether the caller may use the session and billing API: with the token where one is set, else from this
 * machine only. A local address alone does not do: a browser can be made to ask here under a foreign name,
 * and a reverse proxy on this machine asks for the whole world.
 */
export function mayAdminister(caller: Caller, adminToken: string | null): boolean {
  if (adminToken !== null) return hasToken(caller, adminToken);
  return isLocal(caller);
}

/** Whether the request carries the token, compared in constant time. */
export function hasToken(caller: Caller, token: string): boolean {
  return timingSafeEqual(digest(tokenOf(caller)), digest(token));
}

/** Whom a token stands for: an administrator, or one client. */
export type Holder = { readonly role: 'admin' } | { readonly role: 'client'; readonly clientId: string };

/** Tells whom the tokens of the configuration in force stand for. */
export class Access {
  /** By the token's digest: how long a look-up takes tells nothing of the token. */
  private readonly tables = new WeakMap<ProxyConfig, ReadonlyMap<string, Holder>>();

  constructor(private readonly config: ConfigInForce) {}

  holderOf(token: string): Holder | undefined {
    const { current } = this.config;
    let table = this.tables.get(current);
    if (!table) this.tables.set(current, (table = holders(current)));
    return table.get(digest(token).toString('base64'));
  }
}

function holders({ proxy, clients }: ProxyConfig): ReadonlyMap<string, Holder> {
  const table = new Map<string, Holder>();
  const hold = (token: string | null, holder: Holder): void => {
    if (token !== null) table.set(digest(token).toString('base64'), holder);
  };
  for (const { clientId, viewToken } of clients) hold(viewToken, { role: 'client', clientId });
  // Last: where an operator gave a client his own token, it stays his own.
  hold(proxy.adminToken, { role: 'admin' });
  return table;
}

/** The token that the request carries; empty without one. */
export function tokenOf({ headers }: Caller): string {
  return (/^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? '').trim();
}

function isLocal({ remoteAddress, headers }: Caller): boolean {
  const version = isIP(remoteAddress);
  // A caller that is gone already has no address.
  if (version === 0 || !LOOPBACK.check(remoteAddress, version === 6 ? 'ipv6' : 'ipv4')) return false;
  if (!LOCAL_HOST.test(headers.host ?? '')) return false;
  return !Object.keys(headers).some((header) => FORWARDING.test(header));
}

/** Digests are of one length, as the comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
