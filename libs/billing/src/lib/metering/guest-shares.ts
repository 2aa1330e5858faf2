import type { Share } from '@mining-proxy/stratum-parser';
import type { ShareWork } from '../journal/records/share-work';
import { ShareCounts, type ShareResult } from './share-counts';

/** Shares that are another client's than the session's on which they came. */
export class GuestShares {
  readonly counts = new ShareCounts();
  inFlight = 0;

  submit(): void {
    this.counts.submits += 1;
    this.inFlight += 1;
  }

  settle(result: ShareResult, work: ShareWork): void {
    this.counts.settle(result, work);
    this.inFlight -= 1;
  }
}

/** Who adds up the shares that a client has on sessions of others. */
export interface GuestBooks {
  meterOf(clientId: string, poolHost: string): { readonly guests: GuestShares };
}

/** A client that has shares on a session of another one. */
interface Guest {
  readonly clientId: string;
  readonly shares: GuestShares;
}

/**
 * The guests of one session: a proxy of several sites in front of us has one connection. Each of their shares counts
 * twice, as a guest here and for the client that it is of.
 */
export class SessionGuests {
  /** Of all guests together. */
  readonly shares = new GuestShares();
  private readonly guests = new Map<string, Guest>();
  private readonly waiting = new Map<Share, Guest>();

  constructor(
    private readonly poolHost: string,
    private readonly books: GuestBooks,
  ) {}

  submit(share: Share, clientId: string): void {
    const guest = this.guest(clientId);
    this.waiting.set(share, guest);
    this.shares.submit();
    guest.shares.submit();
  }

  /** The one outcome of a share. Returns the client that it is of; undefined where it is no guest's. */
  settle(share: Share, result: ShareResult, work: ShareWork): string | undefined {
    const guest = this.waiting.get(share);
    if (guest === undefined) return undefined;
    this.waiting.delete(share);
    this.shares.settle(result, work);
    guest.shares.settle(result, work);
    return guest.clientId;
  }

  /** Shares of guests that have no outcome yet. */
  get unsettled(): Iterable<Share> {
    return this.waiting.keys();
  }

  private guest(clientId: string): Guest {
    let guest = this.guests.get(clientId);
    if (!guest) {
      guest = { clientId, shares: this.books.meterOf(clientId, this.poolHost).guests };
      this.guests.set(clientId, guest);
    }
    return guest;
  }
}
