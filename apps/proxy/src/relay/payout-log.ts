import type { ForeignPayout, Meters } from '@mining-proxy/billing';
import { untrusted, type Log } from '@mining-proxy/logger';
import { RepeatedFault } from './repeated-fault';

/** At most one line in this time, however many miners hear such jobs. */
const LINE_EVERY_MS = 60_000;
const SHOWN = 3;

/** Writes down jobs that would pay somebody else than their client: somebody may be mining for himself. */
export class PayoutLog {
  private readonly jobs = new RepeatedFault(LINE_EVERY_MS);

  constructor(private readonly log: Log) {}

  watch({ audit }: Meters): void {
    audit.payouts.onForeign = (payout) => this.found(payout);
  }

  private found({ clientId, poolHost, sessionId, paid }: ForeignPayout): void {
    const count = this.jobs.happened();
    if (count === undefined) return;
    const who = { sessionId, clientId: untrusted(clientId), poolHost };
    if (paid === null) {
      this.log.warn({ ...who, count }, "a job's coinbase cannot be read: whom it would pay is not known");
      return;
    }
    const pays = paid.outputs.slice(0, SHOWN).map(({ address, script }) => address ?? script);
    this.log.warn(
      { ...who, height: paid.height, pays, outputs: paid.outputs.length + paid.more, count },
      "a job would pay none of the client's payout_addresses",
    );
  }
}
