/** Where usage is sent, and how; plain data, so that it can be handed to a thread. */
export interface ExportOptions {
  /** Takes CloudEvents by POST. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`; null where the receiver asks for none. */
  readonly token: string | null;
  /** Events in one request; with 1 each goes alone, not as a batch of one. */
  readonly batchSize: number;
  /** How often finished hours are looked for. */
  readonly intervalMs: number;
  /** How long the receiver may take to answer. */
  readonly timeoutMs: number;
  /** Hours before it are not sent; milliseconds since 1970. */
  readonly from: number;
}

/** How the export stands; times are milliseconds since 1970. */
export interface ExportStatus {
  /** Since when the oldest usage waits that could have been sent; null where nothing waits. */
  readonly waitingSince: number | null;
  /** Why nothing is sent at the moment. */
  readonly error: string | undefined;
  /** The receiver does not want what it is sent: somebody has to look. */
  readonly refused: boolean;
}

/** Seconds that the oldest finished, unsent usage has waited; 0 where nothing waits, undefined where there is no export. */
export function exportLagSeconds(status: ExportStatus | undefined, now: number): number | undefined {
  if (!status) return undefined;
  const { waitingSince } = status;
  return waitingSince === null ? 0 : Math.max(0, (now - waitingSince) / 1000);
}
