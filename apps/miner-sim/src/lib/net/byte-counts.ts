import type { Link } from './link';

/** The byte part of a summary. */
export interface ByteSummary {
  /** Handed to sockets. */
  readonly bytes_sent: number;
  readonly bytes_received: number;
  /** Of the sent, those that the operating system did not take before a connection broke. */
  readonly bytes_unsent: number;
}

/** Adds up the bytes of links. */
export class ByteCounts {
  private sent = 0;
  private received = 0;
  private unsent = 0;

  add(link: Link): void {
    this.sent += link.bytesSent;
    this.received += link.bytesReceived;
    this.unsent += link.bytesUnsent;
  }

  /** A copy with these links added. */
  with(links: readonly Link[]): ByteCounts {
    const sum = new ByteCounts();
    sum.sent = this.sent;
    sum.received = this.received;
    sum.unsent = this.unsent;
    for (const link of links) sum.add(link);
    return sum;
  }

  summary(): ByteSummary {
    return { bytes_sent: this.sent, bytes_received: this.received, bytes_unsent: this.unsent };
  }
}
