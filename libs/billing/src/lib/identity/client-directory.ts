import { BlockList, isIPv6 } from 'node:net';
import type { ClientSettings, IdentityFallback } from '@mining-proxy/config';
import { storableText } from '../journal/clean-text';
import { workerPattern } from './worker-pattern';

/** A session that nobody could be found for. Reserved: no client may be named so. */
export const UNASSIGNED = 'unassigned';

/** What a session gives to find its client by. */
export interface Login {
  readonly worker: string;
  /** The account part of the worker; dialects differ in where it ends. */
  readonly account: string;
  readonly sourceAddress: string;
}

interface Client {
  readonly clientId: string;
  readonly matchesWorker: (worker: string) => boolean;
  readonly sources: BlockList;
  readonly accounts: ReadonlySet<string>;
}

/** Finds the client that a session is billed to. Knows the configured clients, in the order of the file. */
export class ClientDirectory {
  private readonly clients: readonly Client[];
  private readonly byId: ReadonlyMap<string, Client>;

  constructor(
    settings: readonly ClientSettings[],
    private readonly fallback: IdentityFallback,
  ) {
    this.clients = settings.map(toClient);
    this.byId = new Map(this.clients.map((client) => [client.clientId, client]));
  }

  get configuredIds(): readonly string[] {
    return this.clients.map((client) => client.clientId);
  }

  /** The client whose `source_cidrs` have the address. */
  bySource(address: string): string | undefined {
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    return this.clients.find((client) => client.sources.check(address, family))?.clientId;
  }

  /**
   * The client whose `workers` patterns match, else what `identity.fallback` says. Never empty, and never cut: metrics,
   * journal and ledger have the same.
   */
  byLogin(login: Login): string {
    const configured = this.clients.find((client) => client.matchesWorker(login.worker));
    return configured?.clientId ?? (storableText(this.fallbackId(login)) || UNASSIGNED);
  }

  /** Whether the client has a list of accounts and this is none of them. */
  isForeign(clientId: string, account: string): boolean {
    const accounts = this.byId.get(clientId)?.accounts;
    return accounts !== undefined && accounts.size > 0 && !accounts.has(account);
  }

  private fallbackId({ worker, account, sourceAddress }: Login): string {
    switch (this.fallback) {
      case 'account':
        return account;
      case 'worker':
        return worker;
      case 'source_ip':
        return unmapped(sourceAddress);
      case 'unassigned':
        return UNASSIGNED;
    }
  }
}

function toClient(settings: ClientSettings): Client {
  const sources = new BlockList();
  for (const cidr of settings.sourceCidrs) {
    const [network = '', prefix] = cidr.split('/');
    sources.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4');
  }
  const matchers = settings.workers.map(workerPattern);
  return {
    clientId: settings.clientId,
    matchesWorker: (worker) => matchers.some((matches) => matches(worker)),
    sources,
    accounts: new Set(settings.accounts),
  };
}

/** The IPv4 address behind `::ffff:192.0.2.1`, as a listener for both families shows it. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
