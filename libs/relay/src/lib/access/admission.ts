import type { RejectionCause } from '../relay-events';
import { AddressList } from './address-list';
import { AddressTable, type AddressEntry, type BanOptions } from './address-table';
import { TokenBucket, type Rate } from './token-bucket';

/** Which addresses may connect, how many at a time, and how fast. 0 is no limit. */
export interface AccessOptions {
  /** Empty: from everywhere. */
  readonly allowCidrs: readonly string[];
  /** Wins over `allowCidrs`. */
  readonly denyCidrs: readonly string[];
  readonly maxConnectionsPerIp: number;
  readonly connectRatePerS: number;
  readonly connectRatePerIpPerS: number;
  /** Connections that may come at once before a rate holds. */
  readonly connectBurst: number;
  readonly ban: BanOptions | null;
}

/** What one client may have. 0 is no limit. */
export interface ClientLimits {
  readonly maxConnections: number;
  readonly connectRatePerS: number;
  readonly suspended: boolean;
}

/** What the limits are, and whom they are for. */
export interface AdmissionOptions {
  readonly access: AccessOptions;
  /** By client; who is not here has no limits. */
  readonly clients: ReadonlyMap<string, ClientLimits>;
}

/** A miner that was let in, as the limits know it. */
export class Visitor {
  /** What its address is counted in; undefined where addresses are not. */
  entry: AddressEntry | undefined;

  constructor(
    readonly address: string,
    /** Who is billed, once that is known. */
    public clientId: string | undefined,
  ) {}
}

interface ClientState {
  sessions: number;
  bucket: TokenBucket | undefined;
}

/**
 * Decides who may come in, and counts those who are in. What is refused costs nothing of a rate: a farm that comes back
 * all at once gets in at that rate, however often its miners try.
 */
export class Admission {
  private options!: AdmissionOptions;
  private allowed!: AddressList;
  private denied!: AddressList;
  private addresses: AddressTable | undefined;
  private readonly clients = new Map<string, ClientState>();
  private everybody: TokenBucket | undefined;

  constructor(
    options: AdmissionOptions,
    private readonly now: () => number,
  ) {
    this.reconfigure(options, []);
  }

  /** Other limits from now on; `visitors` are those who are in. */
  reconfigure(options: AdmissionOptions, visitors: Iterable<Visitor>): void {
    this.options = options;
    const { access } = options;
    this.allowed = new AddressList(access.allowCidrs);
    this.denied = new AddressList(access.denyCidrs);
    if (access.connectRatePerS === 0) this.everybody = undefined;
    const countsAddresses =
      access.maxConnectionsPerIp > 0 || access.connectRatePerIpPerS > 0 || access.ban !== null;
    // Bans and rates that were used up outlive a change of the limits.
    this.addresses = countsAddresses ? (this.addresses ?? new AddressTable()) : undefined;
    for (const id of this.clients.keys()) if (!options.clients.has(id)) this.clients.delete(id);
    for (const state of this.clients.values()) state.sessions = 0;
    for (const visitor of visitors) {
      if (!countsAddresses) visitor.entry = undefined;
      else if (visitor.entry === undefined) this.countAddress(visitor);
      this.countClient(visitor.clientId);
    }
  }

  /** Whether the lists keep the address out. */
  isDenied(address: string): boolean {
    if (!this.denied.empty && this.denied.has(address)) return true;
    return !this.allowed.empty && !this.allowed.has(address);
  }

  isSuspended(clientId: string | undefined): boolean {
    return clientId !== undefined && this.options.clients.get(clientId)?.suspended === true;
  }

  /** Lets a miner in, or says why not. `clientId`: where it is known from the connection alone. */
  enter(address: string, clientId: string | undefined): Visitor | RejectionCause {
    if (this.isDenied(address)) return 'denied';
    const { access } = this.options;
    const now = this.now();
    const entry = this.addresses?.find(address);
    if (entry !== undefined && now < entry.bannedUntil) return 'banned';
    const { maxConnectionsPerIp: most } = access;
    if (most > 0 && entry !== undefined && entry.sessions >= most) return 'max_connections_per_ip';
    const perIp = rateOf(access.connectRatePerIpPerS, access);
    if (perIp && entry?.bucket?.allows(perIp, now) === false) return 'connect_rate_per_ip';
    const overall = rateOf(access.connectRatePerS, access);
    if (overall && this.everybody?.allows(overall, now) === false) return 'connect_rate';
    const refused = this.clientRefusal(clientId, now);
    if (refused) return refused;

    const visitor = new Visitor(address, clientId);
    if (overall) (this.everybody ??= new TokenBucket(overall, now)).take();
    this.countAddress(visitor);
    if (perIp && visitor.entry) (visitor.entry.bucket ??= new TokenBucket(perIp, now)).take();
    this.countClient(clientId);
    this.takeOfClient(clientId, now);
    return visitor;
  }

  /** It is known now who is billed for one that is in: it may stay, or there is a reason why not. */
  identified(visitor: Visitor, clientId: string): RejectionCause | undefined {
    if (visitor.clientId !== undefined) return undefined;
    const now = this.now();
    const refused = this.clientRefusal(clientId, now);
    visitor.clientId = clientId;
    this.countClient(clientId);
    if (refused === undefined) this.takeOfClient(clientId, now);
    return refused;
  }

  /** A miner was taken by its pool: its address is one of those that work. */
  worked({ entry }: Visitor): void {
    entry?.worked(this.now());
  }

  /**
   * One that was in has gone. `sentJunk`: all that it said was nothing that anybody could understand. `isAtWork`: whether
   * a miner of the same address works now. Returns whether its address is banned for it.
   */
  left({ entry, clientId }: Visitor, sentJunk: boolean, isAtWork: () => boolean): boolean {
    const state = clientId === undefined ? undefined : this.clients.get(clientId);
    if (state) state.sessions -= 1;
    if (entry === undefined) return false;
    entry.sessions -= 1;
    const { ban } = this.options.access;
    return sentJunk && ban !== null && entry.sentJunk(this.now(), ban, isAtWork);
  }

  /** Whether it is of use to know what was junk. */
  get bans(): boolean {
    return this.options.access.ban !== null;
  }

  private clientRefusal(clientId: string | undefined, now: number): RejectionCause | undefined {
    const limits = clientId === undefined ? undefined : this.options.clients.get(clientId);
    if (clientId === undefined || limits === undefined) return undefined;
    if (limits.suspended) return 'suspended';
    const state = this.clients.get(clientId);
    if (limits.maxConnections > 0 && (state?.sessions ?? 0) >= limits.maxConnections) {
      return 'client_max_connections';
    }
    const rate = rateOf(limits.connectRatePerS, this.options.access);
    return rate && state?.bucket?.allows(rate, now) === false ? 'client_connect_rate' : undefined;
  }

  private countAddress(visitor: Visitor): void {
    if (!this.addresses) return;
    const { access } = this.options;
    const rate = { perSecond: access.connectRatePerIpPerS, burst: access.connectBurst };
    visitor.entry = this.addresses.entry(visitor.address, this.now(), rate);
    visitor.entry.sessions += 1;
  }

  private countClient(clientId: string | undefined): void {
    if (clientId === undefined || !this.options.clients.has(clientId)) return;
    const state = this.clients.get(clientId);
    if (state) state.sessions += 1;
    else this.clients.set(clientId, { sessions: 1, bucket: undefined });
  }

  private takeOfClient(clientId: string | undefined, now: number): void {
    const limits = clientId === undefined ? undefined : this.options.clients.get(clientId);
    const state = clientId === undefined ? undefined : this.clients.get(clientId);
    const rate = limits && rateOf(limits.connectRatePerS, this.options.access);
    if (!state || !rate) return;
    (state.bucket ??= new TokenBucket(rate, now)).take();
  }
}

function rateOf(perSecond: number, { connectBurst: burst }: AccessOptions): Rate | undefined {
  return perSecond > 0 ? { perSecond, burst } : undefined;
}
