import { BlockList, isIPv6 } from 'node:net';
import type { ClientSettings, IdentityFallback } from '@mining-proxy/config';
import type { Login } from '@mining-proxy/stratum-parser';
import { storableText } from '../journal/records/clean-text';
import { readLogin, type ReadLogin } from './read-login';
import { workerPattern } from './worker-pattern';

/** A session that nobody could be found for. Reserved: no client may be named so. */
export const UNASSIGNED = 'unassigned';

/** The label of all clients beyond the first `identity.max_clients`. Reserved: no client may be named so. */
export const OVERFLOW = 'overflow';

/** Puts what a miner calls itself apart from every name that the operator chose. Reserved: no client's name begins so. */
const LOGIN_PREFIX = 'login:';

interface NamedLogin extends ReadLogin {
  readonly login: Login;
}

/** What was found for a client. Asked for every share, and nearly always for the same client. */
interface Answer<T> {
  readonly clientId: string | undefined;
  readonly found: T;
}

/** A login that was read, with what the configuration has to say of it. */
export interface KnownLogin extends NamedLogin {
  /** The first client of the file whose `workers` it matches; undefined without one. */
  readonly configured: string | undefined;
  /** The last answers of `byShare` and `isForeign`; there from the start, so that all logins are alike to V8. */
  booked: Answer<string | undefined> | undefined;
  foreign: Answer<boolean> | undefined;
}

interface Client {
  readonly clientId: string;
  readonly matchesWorker: (login: NamedLogin) => boolean;
  readonly sources: BlockList;
  /** Undefined where the client has no list of accounts. */
  readonly matchesAccount: ((login: NamedLogin) => boolean) | undefined;
}

/** What tells the sessions of a configured client from others. */
export type ClientMarks = Pick<ClientSettings, 'clientId' | 'sourceCidrs' | 'workers' | 'accounts'>;

/** What is known of a session before it has said anything. */
export interface Connection {
  readonly listener: string;
  readonly remoteAddress: string;
}

/** Finds the client that a session is billed to. Knows the configured clients, in the order of the file. */
export class ClientDirectory {
  private readonly clients: readonly Client[];
  private readonly byId: ReadonlyMap<string, Client>;
  private readonly reserved: ReadonlySet<string>;
  private readonly hasSources: boolean;

  constructor(
    settings: readonly ClientMarks[],
    private readonly fallback: IdentityFallback,
    private readonly separators: string,
    /** Who is billed for all sessions of a listener, by its name. */
    private readonly ofListener: ReadonlyMap<string, string> = new Map(),
  ) {
    this.clients = settings.map(toClient);
    this.hasSources = settings.some(({ sourceCidrs }) => sourceCidrs.length > 0);
    this.byId = new Map(this.clients.map((client) => [client.clientId, client]));
    this.reserved = new Set([...this.configuredIds, UNASSIGNED, OVERFLOW]);
  }

  get configuredIds(): readonly string[] {
    return [...new Set([...this.byId.keys(), ...this.ofListener.values()])];
  }

  /** The client of the listener, else the one whose `source_cidrs` have the address. */
  byConnection({ listener, remoteAddress }: Connection): string | undefined {
    return this.ofListener.get(listener) ?? this.bySource(remoteAddress);
  }

  private bySource(address: string): string | undefined {
    if (!this.hasSources) return undefined;
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    return this.clients.find((client) => client.sources.check(address, family))?.clientId;
  }

  /** Reads a login and looks for it among the `workers`. Takes a while: whoever asks keeps the answer. */
  read(login: Login): KnownLogin {
    const { account, worker } = readLogin(login, this.separators);
    const named = { login, account, worker };
    const configured = this.clients.find((client) => client.matchesWorker(named))?.clientId;
    return { login, account, worker, configured, booked: undefined, foreign: undefined };
  }

  /**
   * The client whose `workers` patterns match, else what `identity.fallback` says, marked as a login's where a name of
   * the operator's is the same. Never empty, and never cut: metrics, journal and ledger have the same.
   */
  byLogin(known: KnownLogin, sourceAddress: string): string {
    return known.configured ?? this.apart(storableText(this.fallbackId(known, sourceAddress)));
  }

  /** Whom a share is booked to that comes on a session of `clientId`: another client only if that one's `workers` say so. */
  byShare(known: KnownLogin, clientId: string | undefined): string | undefined {
    const { configured } = known;
    if (configured === undefined || configured === clientId) return clientId;
    if (known.booked === undefined || known.booked.clientId !== clientId) {
      const own = clientId === undefined ? undefined : this.byId.get(clientId);
      known.booked = { clientId, found: own?.matchesWorker(known) ? clientId : configured };
    }
    return known.booked.found;
  }

  /** Whether the client has a list of accounts and this login is for none of them. */
  isForeign(clientId: string, known: KnownLogin): boolean {
    if (known.foreign?.clientId !== clientId) {
      const matches = this.byId.get(clientId)?.matchesAccount;
      known.foreign = { clientId, found: matches !== undefined && !matches(known) };
    }
    return known.foreign.found;
  }

  private fallbackId({ worker, account }: KnownLogin, sourceAddress: string): string {
    switch (this.fallback) {
      case 'account':
        return account;
      case 'worker':
        return worker;
      case 'source_ip':
        return unmapped(sourceAddress);
      case 'unassigned':
        return '';
    }
  }

  /** Two that differ stay two: a name with the prefix gets another one. */
  private apart(name: string): string {
    if (name === '') return UNASSIGNED;
    return this.reserved.has(name) || name.startsWith(LOGIN_PREFIX) ? LOGIN_PREFIX + name : name;
  }
}

function toClient(settings: ClientMarks): Client {
  const sources = new BlockList();
  for (const cidr of settings.sourceCidrs) {
    const [network = '', prefix] = cidr.split('/');
    sources.addSubnet(network, Number(prefix), isIPv6(network) ? 'ipv6' : 'ipv4');
  }
  const workers = settings.workers.map(workerPattern);
  const accounts = settings.accounts.map(workerPattern);
  return {
    clientId: settings.clientId,
    matchesWorker: (login) => matchesAny(workers, [...spellings(login), login.worker]),
    sources,
    matchesAccount:
      accounts.length === 0
        ? undefined
        : (login) => matchesAny(accounts, [login.account, ...spellings(login)]),
  };
}

/** The login as it came, and with its rig behind a dot where that came apart. */
function spellings({ login: { text, rig } }: NamedLogin): readonly string[] {
  return rig === null ? [text] : [text, `${text}.${rig}`];
}

function matchesAny(patterns: readonly ((name: string) => boolean)[], names: readonly string[]): boolean {
  return patterns.some((matches) => names.some((name) => matches(name)));
}

/** The IPv4 address behind `::ffff:192.0.2.1`, as a listener for both families shows it. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}
