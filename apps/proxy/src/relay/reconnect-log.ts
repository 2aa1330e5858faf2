import type { ReconnectRequest, SessionTotals } from '@mining-proxy/billing';
import { untrusted, type Log } from '@mining-proxy/logger';
import { RepeatedFault } from './repeated-fault';

/** At most one line in this time, however many miners a pool sends elsewhere. */
const LINE_EVERY_MS = 10_000;

/** Writes down where a pool sends miners: those that obey are not metered any more. */
export class ReconnectLog {
  private readonly requests = new RepeatedFault(LINE_EVERY_MS);

  constructor(private readonly log: Log) {}

  watch(totals: SessionTotals): void {
    totals.onReconnectRequest = (request) => this.requested(request);
  }

  private requested(request: ReconnectRequest): void {
    const count = this.requests.happened();
    if (count === undefined) return;
    const { sessionId, clientId, poolHost } = request;
    const who = { sessionId, clientId: clientId === undefined ? null : untrusted(clientId), poolHost };
    this.log.warn({ ...who, target: targetOf(request), count }, 'the pool sends miners elsewhere');
  }
}

/** `host:port` in the pool's words; what it leaves out stays as the miner has it. */
function targetOf({ host, port }: ReconnectRequest): string {
  return `${host === null ? '<same host>' : untrusted(host)}:${port ?? '<same port>'}`;
}
