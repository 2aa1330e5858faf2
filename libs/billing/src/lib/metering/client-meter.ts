import type { SessionView } from '@mining-proxy/relay';
import { GuestShares, type SessionGuests } from './guest-shares';
import { ShareCounts } from './share-counts';

/** The numbers of one client at one pool: those of its closed sessions, and of the open ones as they stand. */
export interface ClientNumbers {
  readonly clientId: string;
  readonly poolHost: string;
  /** Open sessions; those whose client is not known yet are among those of `unassigned`. */
  readonly activeConnections: number;
  readonly connections: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly sharesInFlight: number;
  readonly counts: ShareCounts;
}

/** What of a session is added up. */
export interface CountedSession {
  readonly view: Pick<SessionView, 'bytesToUpstream' | 'bytesToDownstream'>;
  /** All that the session carries, shares of other clients included. */
  readonly counts: ShareCounts;
  /** The part of it that is other clients'. */
  readonly guests: SessionGuests | undefined;
  sharesInFlight(): number;
}

/** Adds up the sessions of one client at one pool. */
export class ClientMeter {
  private connections = 0;
  private bytesSent = 0;
  private bytesReceived = 0;
  private readonly closedCounts = new ShareCounts();
  private readonly open = new Set<CountedSession>();
  /** Shares of this client that came, and come, on sessions of others. */
  readonly guests = new GuestShares();

  constructor(
    readonly clientId: string,
    readonly poolHost: string,
  ) {}

  /** A session turned out to be this client's; all that it has counted so far is, too. */
  add(session: CountedSession): void {
    this.connections += 1;
    this.open.add(session);
  }

  /** A session of this client has closed; its numbers stay. */
  settle(session: CountedSession): void {
    this.open.delete(session);
    this.bytesSent += session.view.bytesToUpstream;
    this.bytesReceived += session.view.bytesToDownstream;
    this.closedCounts.add(session.counts);
    if (session.guests) this.closedCounts.subtract(session.guests.shares.counts);
  }

  /** `unidentified`: open sessions that show under this client until they know their own. */
  numbers(unidentified: number): ClientNumbers {
    const counts = new ShareCounts();
    counts.add(this.closedCounts);
    counts.add(this.guests.counts);
    let { bytesSent, bytesReceived } = this;
    let sharesInFlight = this.guests.inFlight;
    for (const session of this.open) {
      bytesSent += session.view.bytesToUpstream;
      bytesReceived += session.view.bytesToDownstream;
      sharesInFlight += session.sharesInFlight();
      counts.add(session.counts);
      if (!session.guests) continue;
      sharesInFlight -= session.guests.shares.inFlight;
      counts.subtract(session.guests.shares.counts);
    }
    return {
      clientId: this.clientId,
      poolHost: this.poolHost,
      activeConnections: this.open.size + unidentified,
      connections: this.connections,
      bytesSent,
      bytesReceived,
      sharesInFlight,
      counts,
    };
  }
}
