import type { ShareWork } from '../journal/records/share-work';
import type { MeteredSession } from './metered-session';
import { ShareCounts, type ShareResult } from './share-counts';

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

/** Adds up the sessions of one client at one pool. */
export class ClientMeter {
  private connections = 0;
  private bytesSent = 0;
  private bytesReceived = 0;
  private readonly closedCounts = new ShareCounts();
  private readonly open = new Set<MeteredSession>();
  /** Shares of this client that came, and come, on sessions of others. */
  readonly guests = new GuestShares();

  constructor(
    readonly clientId: string,
    readonly poolHost: string,
  ) {}

  /** A session turned out to be this client's; all that it has counted so far is, too. */
  add(session: MeteredSession): void {
    this.connections += 1;
    this.open.add(session);
  }

  /** A session of this client has closed; its numbers stay. */
  settle(session: MeteredSession): void {
    this.open.delete(session);
    this.bytesSent += session.view.bytesToUpstream;
    this.bytesReceived += session.view.bytesToDownstream;
    this.closedCounts.add(session.counts);
    if (session.guests) this.closedCounts.subtract(session.guests.counts);
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
      sharesInFlight -= session.guests.inFlight;
      counts.subtract(session.guests.counts);
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
