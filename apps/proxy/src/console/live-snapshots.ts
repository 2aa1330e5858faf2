import type { MeterReading, Meters, UsageStore } from '@mining-proxy/billing';
import { AuditTotals, type ClientNumbers, type StateCounts } from '@mining-proxy/billing';
import type { ConfigInForce } from '@mining-proxy/config';
import type { Relay } from '@mining-proxy/relay';
import { REJECTION_REASONS } from '@mining-proxy/stratum-parser';
import { poolsOf } from '../http/pools.controller';
import { VERSION } from '../version';

const NO_WORKERS: StateCounts = { mining: 0, silent: 0, gone: 0 };
/** A client that lost more than this part of its workers has trouble. */
const GONE_PART = 0.1;
const HIGH_REJECT_RATE = 0.05;
const LATE_LEDGER_S = 300;
const CERTIFICATE_DAYS = 14;
const DAY_MS = 86_400_000;
/** Below it is a change of difficulty. */
const MANY_DISPUTES = 6;

/** Something that somebody has to look at, and the view that shows it. */
export interface Attention {
  readonly level: 'critical' | 'warning';
  readonly text: string;
  readonly view: 'pools' | 'workers' | 'sessions' | 'billing' | 'clients';
  readonly client_id?: string;
}

/** The whole proxy at one moment, or one client's part of it; as the page gets it. */
export class LiveSnapshots {
  constructor(
    private readonly relay: Relay,
    private readonly meters: Meters,
    private readonly store: UsageStore,
    private readonly config: ConfigInForce,
  ) {}

  /** `clientId`: what that client may see; undefined: all. */
  take(clientId: string | undefined): object {
    const reading = this.meters.read();
    const states = this.meters.workers.countsByClient();
    const rates = this.meters.workers.hashrateByClient();
    const { billing, clients: configured } = this.config.current;
    const names = new Map(configured.map(({ clientId: id, name }) => [id, name]));
    const isSeen = (id: string): boolean => clientId === undefined || id === clientId;
    const numbers = reading.clients.filter((one) => isSeen(one.clientId));
    const clients = clientRows(numbers, states, rates, names).filter((row) => isSeen(row.client_id));
    const pools = clientId === undefined ? poolsOf(this.relay, this.meters) : [];
    const { ledgerLagSeconds } = this.store.health(Date.now());
    return {
      at: new Date().toISOString(),
      role: clientId === undefined ? 'admin' : 'client',
      client_id: clientId ?? null,
      version: VERSION,
      operator_name: billing.operatorName,
      instance_id: clientId === undefined ? this.config.current.proxy.instanceId : null,
      uptime_s: Math.floor(process.uptime()),
      state: this.relay.state,
      active_connections:
        clientId === undefined ? this.relay.activeSessions : sumOf(clients, (row) => row.active_connections),
      max_connections: clientId === undefined ? this.relay.maxConnections : null,
      hashrate: sumOf(clients, ({ hashrate }) => hashrate),
      submits: sumOf(numbers, ({ counts }) => counts.submits),
      accepted: sumOf(numbers, ({ counts }) => counts.accepted),
      rejected: sumOf(numbers, ({ counts }) => counts.rejected),
      unknown: sumOf(numbers, ({ counts }) => counts.unknown),
      unanswered: sumOf(numbers, ({ counts }) => counts.unanswered),
      rejected_by: reasonsOf(numbers),
      audit: auditOf(AuditTotals.of(reading.audits, clientId)),
      workers: {
        mining: sumOf(clients, ({ workers }) => workers.mining),
        silent: sumOf(clients, ({ workers }) => workers.silent),
        gone: sumOf(clients, ({ workers }) => workers.gone),
      },
      ledger_lag_s: ledgerLagSeconds,
      pools,
      attention: clientId === undefined ? this.attention(clients, reading.audits) : [],
      clients,
    };
  }

  private attention(clients: readonly ClientRow[], audits: MeterReading['audits']): Attention[] {
    const found: Attention[] = [];
    const pools = this.relay.pools;
    if (!pools.some(({ state }) => state === 'up')) {
      found.push({
        level: 'critical',
        text: 'No pool is up: miners wait and are turned away',
        view: 'pools',
      });
    }
    for (const { name, state, reason } of pools) {
      if (state === 'down')
        found.push({ level: 'warning', text: `Pool ${name} is down: ${reason ?? ''}`, view: 'pools' });
    }
    const health = this.store.health(Date.now());
    if (health.journalFault) {
      found.push({
        level: 'critical',
        text: 'The journal cannot be written: usage waits in memory',
        view: 'billing',
      });
    }
    if (health.ledgerLagSeconds > LATE_LEDGER_S) {
      found.push({
        level: 'warning',
        text: `The ledger is ${Math.round(health.ledgerLagSeconds / 60)} min behind`,
        view: 'billing',
      });
    }
    for (const { client_id, workers, accepted, rejected } of clients) {
      const all = workers.mining + workers.silent + workers.gone;
      if (all > 0 && workers.gone / all > GONE_PART) {
        found.push({
          level: 'warning',
          text: `${workers.gone} of ${all} workers of ${client_id} are gone`,
          view: 'workers',
          client_id,
        });
      }
      if (workers.silent > 0) {
        found.push({
          level: 'warning',
          text: `${workers.silent} workers of ${client_id} are silent`,
          view: 'workers',
          client_id,
        });
      }
      const answered = accepted + rejected;
      if (answered >= 100 && rejected / answered > HIGH_REJECT_RATE) {
        const rate = Math.round((rejected / answered) * 1000) / 10;
        found.push({
          level: 'warning',
          text: `${rate} % of the shares of ${client_id} are rejected`,
          view: 'clients',
          client_id,
        });
      }
    }
    for (const { clientId, poolHost, disputes } of audits) {
      if (disputes.valid_refused >= MANY_DISPUTES) {
        found.push({
          level: 'warning',
          text: `${poolHost} refused ${disputes.valid_refused} valid shares of ${clientId}`,
          view: 'clients',
          client_id: clientId,
        });
      }
      if (disputes.worthless_accepted >= MANY_DISPUTES) {
        found.push({
          level: 'warning',
          text: `${poolHost} accepted ${disputes.worthless_accepted} worthless shares of ${clientId}`,
          view: 'clients',
          client_id: clientId,
        });
      }
    }
    for (const [clientId, jobs] of this.meters.audit.payouts.foreign) {
      if (jobs === 0) continue;
      found.push({
        level: 'critical',
        text: `${jobs} jobs of ${clientId} would pay none of its addresses`,
        view: 'sessions',
      });
    }
    for (const [listener, expiry] of this.relay.certificateExpiries) {
      const days = Math.floor((expiry - Date.now()) / DAY_MS);
      if (days >= CERTIFICATE_DAYS) continue;
      found.push({
        level: 'warning',
        text: `The certificate of listener ${listener} ends in ${days} days`,
        view: 'pools',
      });
    }
    return found.sort((a, b) => Number(b.level === 'critical') - Number(a.level === 'critical'));
  }
}

interface ClientRow {
  readonly client_id: string;
  /** What its statements call it; null: its id. */
  readonly name: string | null;
  active_connections: number;
  readonly hashrate: number;
  submits: number;
  accepted: number;
  rejected: number;
  readonly workers: StateCounts;
}

/** The numbers of each client over all pools. */
function clientRows(
  numbers: readonly ClientNumbers[],
  states: ReadonlyMap<string, StateCounts>,
  rates: ReadonlyMap<string, number>,
  names: ReadonlyMap<string, string | null>,
): ClientRow[] {
  const rows = new Map<string, ClientRow>();
  const row = (client_id: string): ClientRow => {
    let found = rows.get(client_id);
    if (!found) {
      const [workers, hashrate] = [states.get(client_id) ?? NO_WORKERS, rates.get(client_id) ?? 0];
      const name = names.get(client_id) ?? null;
      found = {
        client_id,
        name,
        active_connections: 0,
        hashrate,
        submits: 0,
        accepted: 0,
        rejected: 0,
        workers,
      };
      rows.set(client_id, found);
    }
    return found;
  };
  for (const { clientId, activeConnections, counts } of numbers) {
    const found = row(clientId);
    found.active_connections += activeConnections;
    found.submits += counts.submits;
    found.accepted += counts.accepted;
    found.rejected += counts.rejected;
  }
  for (const clientId of states.keys()) row(clientId);
  return [...rows.values()];
}

/** Null where no share was looked at. */
function auditOf({ verdicts, disputes, blocks }: AuditTotals): object | null {
  const shares = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  return shares === 0 ? null : { ...verdicts, ...disputes, blocks };
}

function reasonsOf(numbers: readonly ClientNumbers[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { counts } of numbers) {
    for (const reason of REJECTION_REASONS) {
      const count = counts.rejectedFor(reason);
      if (count > 0) sums[reason] = (sums[reason] ?? 0) + count;
    }
  }
  return sums;
}

function sumOf<T>(rows: readonly T[], value: (row: T) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0);
}
