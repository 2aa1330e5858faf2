import { isIPv6 } from 'node:net';
import type { TokenBucket } from './token-bucket';
import { type Rate } from './token-bucket';

/** Addresses of which something is kept at a time; of those without a session the oldest goes first. About 200 bytes each. */
const MOST_ADDRESSES = 50_000;
/** Of the oldest entries, how many are looked at to find one that can go. */
const LOOKED_AT = 32;

/** When an address is banned, and for how long. All times in milliseconds. */
export interface BanOptions {
  readonly junkSessions: number;
  readonly withinMs: number;
  readonly forMs: number;
}

/** A miner of an address has worked within this time: nothing that comes from there gets it banned. */
const TRUSTED_FOR_MS = 86_400_000;

/** What is kept of one address, or of one IPv6 network. */
export class AddressEntry {
  sessions = 0;
  bucket: TokenBucket | undefined;
  bannedUntil = -Infinity;
  /** Until when it is not banned, because a miner of it has worked. */
  private trustedUntil = -Infinity;
  private junk = 0;
  private junkSince = -Infinity;

  /** A miner of it was taken by the pool. */
  worked(now: number): void {
    this.trustedUntil = now + TRUSTED_FOR_MS;
    this.junk = 0;
    this.bannedUntil = -Infinity;
  }

  /**
   * A session of it said nothing that anybody could understand. Returns whether that got it banned. `isAtWork`: whether
   * another miner of it works now.
   */
  sentJunk(now: number, { junkSessions, withinMs, forMs }: BanOptions, isAtWork: () => boolean): boolean {
    if (now < this.trustedUntil || now < this.bannedUntil) return false;
    if (now - this.junkSince > withinMs) {
      this.junk = 0;
      this.junkSince = now;
    }
    this.junk += 1;
    if (this.junk < junkSessions) return false;
    this.junk = 0;
    if (isAtWork()) {
      this.worked(now);
      return false;
    }
    this.bannedUntil = now + forMs;
    return true;
  }

  /** Whether nothing would be lost with it. */
  isIdle(now: number, rate: Rate): boolean {
    const isQuiet = now >= this.trustedUntil && now >= this.bannedUntil && this.junk === 0;
    return this.sessions === 0 && isQuiet && (this.bucket?.isFull(rate, now) ?? true);
  }
}

/** What is kept of addresses: bounded, however many come. */
export class AddressTable {
  private readonly entries = new Map<string, AddressEntry>();

  constructor(private readonly most = MOST_ADDRESSES) {}

  get size(): number {
    return this.entries.size;
  }

  find(address: string): AddressEntry | undefined {
    return this.entries.get(keyOf(address));
  }

  /** The entry of the address, made where there is none. */
  entry(address: string, now: number, rate: Rate): AddressEntry {
    const key = keyOf(address);
    let entry = this.entries.get(key);
    if (entry === undefined) {
      this.makeRoom(now, rate);
      this.entries.set(key, (entry = new AddressEntry()));
    }
    return entry;
  }

  /** Looks at the oldest: what is idle goes; where the table is full, so does one that is not, if it has no session. */
  private makeRoom(now: number, rate: Rate): void {
    let spare: string | undefined;
    let looked = 0;
    for (const [key, entry] of this.entries) {
      if (entry.isIdle(now, rate)) this.entries.delete(key);
      else if (entry.sessions === 0) spare ??= key;
      // Behind all others: the next one to look does not meet it again.
      else this.putLast(key, entry);
      looked += 1;
      if (looked === LOOKED_AT) break;
    }
    if (this.entries.size >= this.most && spare !== undefined) this.entries.delete(spare);
  }

  private putLast(key: string, entry: AddressEntry): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
  }
}

/** An IPv4 address; of an IPv6 address the /64, which is what one customer of a provider has at least. */
export function keyOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const back = tail === '' ? [] : tail.split(':');
    // An IPv4 address at the end stands for two groups.
    const groups = back.length + (back.at(-1)?.includes('.') === true ? 1 : 0);
    for (let missing = 8 - front.length - groups; missing > 0; missing -= 1) front.push('0');
    front.push(...back);
  }
  const network = front.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${network.join(':')}::/64`;
}
