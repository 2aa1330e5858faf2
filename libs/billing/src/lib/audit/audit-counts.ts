import { startOfHour } from '../ledger/database/calendar';
import type { FactSink } from '../metering/session-usage';
import { UNASSIGNED } from '../identity/client-directory';
import { increase } from '../metering/session-totals';
import type { AuditedShare } from './session-audit';
import {
  AUDITED_OUTCOMES,
  VERDICTS,
  auditColumn,
  type AuditColumn,
  type AuditedOutcome,
  type Verdict,
} from './verdict';

/** Why a pool says that a share is not worth what it claims; others are about when and by whom it was sent. */
const ABOUT_ITS_HASH = new Set(['low_difficulty', 'invalid']);

/** What the pool and the audit do not agree about. */
export const DISPUTES = ['valid_refused', 'worthless_accepted'] as const;
export type Dispute = (typeof DISPUTES)[number];

/** The verdicts on one client's shares at one pool. */
export class AuditTally {
  readonly disputes: Record<Dispute, number> = { valid_refused: 0, worthless_accepted: 0 };
  blocks = 0;

  constructor(
    /** As metrics name it. */
    readonly clientId: string,
    readonly poolHost: string,
    private readonly counts = new Map<AuditColumn, number>(),
  ) {}

  /** As it is now, for one who reads it later. */
  copy(): AuditTally {
    const copy = new AuditTally(this.clientId, this.poolHost, new Map(this.counts));
    Object.assign(copy.disputes, this.disputes);
    copy.blocks = this.blocks;
    return copy;
  }

  add({ outcome, reason, count, finding: { verdict, block } }: AuditedShare): void {
    const column = auditColumn(verdict, outcome);
    increase(this.counts, column, count);
    if (verdict === 'valid' && outcome === 'rejected' && ABOUT_ITS_HASH.has(reason ?? '')) {
      this.disputes.valid_refused += 1;
    }
    const isWorthless = verdict === 'below_target' || verdict === 'duplicate';
    if (isWorthless && outcome === 'accepted') this.disputes.worthless_accepted += 1;
    if (block) this.blocks += 1;
  }

  /** All pairs of verdict and outcome that have been, and the one that is nearly all of them. */
  *all(): Iterable<{ readonly verdict: Verdict; readonly outcome: AuditedOutcome; readonly value: number }> {
    for (const verdict of VERDICTS) {
      for (const outcome of AUDITED_OUTCOMES) {
        const value = this.counts.get(auditColumn(verdict, outcome)) ?? 0;
        const isUsual = verdict === 'valid' && outcome === 'accepted';
        if (value > 0 || isUsual) yield { verdict, outcome, value };
      }
    }
  }
}

/** Verdicts, disputes and blocks of several tallies. */
export class AuditTotals {
  readonly verdicts: Record<Verdict, number> = { valid: 0, below_target: 0, duplicate: 0, unchecked: 0 };
  readonly disputes: Record<Dispute, number> = { valid_refused: 0, worthless_accepted: 0 };
  blocks = 0;

  /** `clientId`: of that client only, as metrics name it. */
  static of(tallies: Iterable<AuditTally>, clientId?: string): AuditTotals {
    const totals = new AuditTotals();
    for (const tally of tallies) if (clientId === undefined || tally.clientId === clientId) totals.add(tally);
    return totals;
  }

  private add(tally: AuditTally): void {
    for (const { verdict, value } of tally.all()) this.verdicts[verdict] += value;
    for (const dispute of DISPUTES) this.disputes[dispute] += tally.disputes[dispute];
    this.blocks += tally.blocks;
  }
}

/** Rows that wait to be written; beyond them workers are not kept apart. */
const MAX_ROWS = 20_000;

/** What has been added up of one worker in one hour. */
export interface AuditRow {
  readonly clientId: string;
  readonly worker: string | null;
  readonly pool: string;
  readonly hour: number;
  readonly numbers: Map<AuditColumn | 'block_candidates', number>;
  isWritten: boolean;
}

/**
 * Adds verdicts up by client, worker and hour, and writes them down now and then, as sums: they are no part of a bill, and
 * what a process that dies had not written yet is lost.
 */
export class AuditRows {
  private rows = new Map<string, AuditRow>();

  constructor(private readonly sink: FactSink) {}

  /** Adds to the row of a share, which is `last` where that is still the one; returns it. */
  add(
    { clientId = UNASSIGNED, worker, outcome, finding, count, now }: AuditedShare,
    pool: string,
    last: AuditRow | undefined,
  ): AuditRow {
    const hour = startOfHour(now);
    const isLast =
      last?.isWritten === false && last.hour === hour && last.worker === worker && last.clientId === clientId;
    const row = isLast ? last : this.row(clientId, worker, pool, hour);
    increase<AuditColumn | 'block_candidates'>(row.numbers, auditColumn(finding.verdict, outcome), count);
    if (finding.block) increase(row.numbers, 'block_candidates', 1);
    return row;
  }

  /** Writes down what has been added up since the last time. */
  write(): void {
    for (const row of this.rows.values()) {
      const { clientId, worker, pool, hour, numbers } = row;
      row.isWritten = true;
      const texts = Object.fromEntries([...numbers].map(([name, value]) => [name, String(value)]));
      this.sink.append({
        ...{ kind: 'sums', session: null, client_id: clientId, pool, worker, dialect: 'stratum1', hour },
        numbers: texts,
      });
    }
    this.rows = new Map();
  }

  private row(clientId: string, worker: string | null, pool: string, hour: number): AuditRow {
    const name = this.rows.size < MAX_ROWS ? worker : null;
    const key = `${hour} ${pool} ${clientId.length} ${clientId} ${name ?? ''}`;
    let row = this.rows.get(key);
    if (!row)
      this.rows.set(
        key,
        (row = { clientId, worker: name, pool, hour, numbers: new Map(), isWritten: false }),
      );
    return row;
  }
}
